"""The machine that a laptop's deploy runs on: found, where other hosts are described."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from homeport import artifacts
from homeport.artifacts import Artifact, Lock, PythonPlatform, WheelContents
from homeport.artifacts import interpreter as interpreters
from homeport.description.app_build import Secrets, code_of, contents_of, resolve_secrets, root
from homeport.description.host_data import DEFAULTS, HostData
from homeport.description.paths import LaptopPaths
from homeport.description.user_templates import Rendered, render_templates
from homeport.errors import UserError
from homeport.files.entries import PLAIN
from homeport.manifest import App, LocalSource

LONGEST = 160
"""Characters of the folder's path; the first line of ``local/run`` holds 255 with it."""


@dataclass(frozen=True)
class LaptopFacts:
    """The facts of this machine, and of the application as it is built for it.

    + code: the directory that runs as it is; None if the source is unpacked as a release
    + artifact: the release's code; None if there is none
    + interpreter, git: where they are; empty if they are not
    + top, hooks: git's work tree, and its directory of hooks, if hooks are described
    """

    place: LaptopPaths
    user: str
    group: str
    target: PythonPlatform
    interpreter: str
    lock: Lock
    code: str | None
    artifact: Artifact | None
    git: str = ""
    top: Path = Path("/")
    hooks: Path = Path("/")
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    contents: Mapping[str, WheelContents] | None = field(default=None, repr=False)
    configuration: Mapping[str, Rendered] = field(default_factory=dict)


def found(
    app: App, data: HostData = DEFAULTS, *, secrets: Secrets = resolve_secrets
) -> LaptopFacts:
    """Return what this machine is and what is built for it; raises ``UserError``.

    If the data says ``verify_files``, that includes what its wheels bring: they are fetched if need
    be.
    """
    folder = root().resolve() / "local"
    _plain(folder, LONGEST)
    if os.geteuid() == 0 and not data.allow_root:
        raise UserError(
            "a laptop has no service user: its application, and each package of its lock, would "
            "run as you, who are root",
            fix="deploy as an ordinary user, or accept that with --data allow_root=yes",
        )
    user, group = _own(folder)
    target = interpreters.local_target(app.python)
    interpreter = interpreters.find_interpreter(app.python)
    requirements = app.resolve(app.requirements) if app.requirements else None
    lock = artifacts.read_lock(requirements, target)
    live = None
    if isinstance(app.source, LocalSource):
        live = app.resolve(app.source.path).resolve()
        _plain(live, 4000)
    git = shutil.which("git") if app.git_hooks else None
    top, hooks = _hooks(root().resolve()) if git else (Path("/"), Path("/"))
    place, known = LaptopPaths(app.name, str(folder)), secrets(app)
    return LaptopFacts(
        place,
        user,
        group,
        target,
        interpreter.path if interpreter else "",
        lock,
        None if live is None else str(live),
        code_of(app, lock) if live is None else None,
        git or "",
        top,
        hooks,
        known,
        contents_of(app, lock, target) if data.verify_files else None,
        render_templates(app, place, known, data.public),
    )


def honcho() -> str:
    """Return where the runner of Procfiles is: beside the Python that runs this."""
    return str(Path(sys.prefix).resolve() / "bin/honcho")


def _plain(path: Path, longest: int) -> None:
    if not PLAIN.fullmatch(str(path)) or ":" in str(path) or len(str(path)) > longest:
        raise UserError(
            f"a laptop's deploy needs a path of at most {longest} letters, digits and .@+_-",
            fix="move or rename what is spelt otherwise",
            file=path,
        )


def _own(folder: Path) -> tuple[str, str]:
    me = os.geteuid()
    if folder.exists() and folder.stat().st_uid != me:
        raise UserError(
            "another user owns it: it was made as that user, or with sudo",
            fix=f"deploy as that user, or run `sudo chown -R {me} {folder}`",
            file=folder,
        )
    try:
        return pwd.getpwuid(me).pw_name, grp.getgrgid(os.getegid()).gr_name
    except KeyError:
        fix = "deploy as a user that `id` shows by name"
        raise UserError(f"your user, {me}, or its group has no name here", fix=fix) from None


def _hooks(project: Path) -> tuple[Path, Path]:
    top, hooks = artifacts.git_hooks(project)
    _plain(hooks, 4000)
    return top, hooks
