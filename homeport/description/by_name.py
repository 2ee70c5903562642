"""The application by its name alone: all that is needed to go back, to lock, and to look back.

Neither its code, its lock nor its secrets have to be here, and what is wrong with the rest of its
application file doesn't matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from homeport.deployment.rollback import RollbackTarget
from homeport.deployment.rotation import SecretValue
from homeport.description.app_build import resolve_secret
from homeport.description.host import application_of, document_of
from homeport.description.host_data import Data, HostData
from homeport.description.host_keys import KEYS, OLD_OPTIONS, renamed
from homeport.description.host_values import flag
from homeport.description.paths import HostPaths
from homeport.errors import UserError
from homeport.manifest.types.issues import quoted
from homeport.pyinfra_adapter import command_line

LINES = 20
NAME = "[a-z][a-z0-9-]{0,30}"


def layout_of(data: Data, host: str | None = None) -> HostPaths:
    """Return where things of the application are on a server; raises ``UserError``."""
    basics = HostData.parse_basics(data, host)
    if basics.host_type == "laptop":
        fix = "name servers: a laptop runs the code of its work tree"
        raise UserError("a laptop has no releases to go back to", fix=fix, file="inventory")
    document = document_of(basics.app_file)
    name = document.data.get("name")
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        what = "this is not the name of an application" if name else "the application has no name"
        line = document.lines.get(("name",))
        fix = "write name: and what it was deployed as"
        raise UserError(f"{what}: {quoted(str(name))}", fix=fix, file=document.path, line=line)
    return HostPaths(name)


def read_options(*words: str) -> dict[str, str]:
    """Return what ``--data`` says by these words, as it was typed.

    Raises ``UserError`` for a word that is not an option: silence would change what is done.
    """
    options = command_line.data_options()
    for name in options:
        if name in (*words, *KEYS) or name.startswith(("_", "ssh_")):
            continue
        if OLD_OPTIONS.get(name) in words:
            raise renamed(name, OLD_OPTIONS[name], "--data")
        near = get_close_matches(name, words, 1, 0.5) or words
        fix = f"write one of: {', '.join(near)}" if near else "leave it out"
        raise UserError(f"{name!r} is not an option here", fix=fix, file="--data")
    return {name: options[name] for name in words if name in options}


def lines_of() -> int:
    """Return how many lines of its history a host is asked for; raises ``UserError``."""
    text = read_options("lines").get("lines", str(LINES))
    if re.fullmatch("[1-9][0-9]{0,3}", text):
        return int(text)
    what = f"{quoted(text)} is not a number of lines"
    raise UserError(what, fix="write a number from 1 to 9999", file="--data", key="lines")


def goal_of() -> RollbackTarget:
    """Return what a rollback is to lead to; raises ``UserError``."""
    options = read_options("release", "force", "old_secrets")
    name = options.get("release")
    if name is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        fix = "write the name of a release or a generation, as deploys/history.py shows it"
        what = f"{quoted(name)} is not the name of a release"
        raise UserError(what, fix=fix, file="--data", key="release")
    return RollbackTarget(name, flag(options, "force"), flag(options, "old_secrets"))


def lock_of() -> tuple[str, str | None]:
    """Return why a host is to be locked, and for how long if that is said; raises ``UserError``."""
    options = read_options("reason", "for")
    reason, lasting = " ".join(options.get("reason", "").split()), options.get("for")
    if not reason or reason.startswith("-"):
        fix = 'say why, as in --data reason="no deploys on Friday"'
        raise UserError("a lock needs a reason", fix=fix, file="--data", key="reason")
    if lasting is not None and not re.fullmatch("[1-9][0-9]{0,4}[dhm]", lasting):
        fix = "write days, hours or minutes: 2d, 3h or 30m"
        raise UserError(f"{quoted(lasting)} is not a duration", fix=fix, file="--data", key="for")
    return reason, lasting


def secret_name_of(data: Data, host: str | None = None) -> str:
    """Return which secret is to be replaced; raises ``UserError`` if the application has none."""
    name = read_options("secret").get("secret", "")
    app = application_of(HostData.parse(data, host))
    if name in app.secrets:
        return name
    fix = f"write one of: {', '.join(app.secrets) or 'none, it has no secrets'}"
    raise UserError(f"{quoted(name)} is not a secret", fix=fix, file="--data", key="secret")


def secret_of(data: Data, host: str | None = None) -> tuple[str, SecretValue]:
    """Return the secret that is to be replaced, and its value now; raises ``UserError``."""
    name = secret_name_of(data, host)
    return name, SecretValue(resolve_secret(application_of(HostData.parse(data, host)), name))


def judge(options: Iterable[Callable[[], object]], data: Data, host: str) -> None:
    """Raise ``UserError`` if nothing has a name, or what ``--data`` says doesn't fit.

    + options: those above that read what the deploy files are asked for
    """
    layout_of(data, host)
    for read in options:
        read()
