"""How Testinfra reaches a host: the way pyinfra does, over one connection that stays open."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

from homeport.errors import UserError
from homeport.pyinfra_adapter.inventory import InventoryHost

UNSUPPORTED = ("_doas", "_su_user", "ssh_password")
OPTIONS = {
    "ssh_known_hosts_file": "UserKnownHostsFile",
    "ssh_strict_host_key_checking": "StrictHostKeyChecking",
}


def uri(row: InventoryHost, config: str | None = None) -> str:
    """Return the URI by which Testinfra knows a host; raises ``UserError`` if it can't reach it."""
    data = row.data
    for key in UNSUPPORTED:
        if data.get(key):
            fix = "use an SSH key, and _sudo, for this host"
            raise UserError(f"{row.name} sets {key}, which Testinfra can't do", fix=fix)
    query = {"sudo": "true"} if data.get("_sudo") else {}
    if data.get("_sudo_user"):
        query["sudo_user"] = str(data["_sudo_user"])
    if row.name == "@local":
        return f"local://?{urlencode(query)}"
    if config:
        query["ssh_config"] = config
    if data.get("ssh_key"):
        query["ssh_identity_file"] = str(data["ssh_key"])
    where = address(row)
    if ":" in where:
        where = f"[{where}]"
    if data.get("ssh_user"):
        where = f"{quote(str(data['ssh_user']), safe='')}@{where}"
    if data.get("ssh_port"):
        where = f"{where}:{data['ssh_port']}"
    return f"ssh://{where}?{urlencode(query)}"


def address(row: InventoryHost) -> str:
    """Return the name that ssh is given; raises ``UserError`` for hosts that ssh doesn't reach."""
    name = row.name.removeprefix("@ssh/")
    if name.startswith("@"):
        fix = "prove hosts that are reached by SSH, or @local"
        raise UserError(f"{row.name} is reached by a connector of its own", fix=fix)
    return str(row.data.get("ssh_hostname") or name)


def own_config(data: Mapping[str, Any], sockets: str) -> str:
    """Return an ssh_config that shares connections and leaves the rest to the user's own."""
    lines = ["Host *", "    ControlMaster auto", f"    ControlPath {sockets}/%C"]
    lines += [f"    {option} {_word(data[key])}" for key, option in OPTIONS.items() if key in data]
    theirs = data.get("ssh_config_file")
    includes = [theirs] if theirs else ["~/.ssh/config", "/etc/ssh/ssh_config"]
    return "\n".join([*lines, *(f"    Include {_word(path)}" for path in includes), ""])


class Connections:
    """The connections of one run; the ones that only this run knows of end with it."""

    @cached_property
    def _folder(self) -> Path:
        # The path of a socket has 108 bytes at most, so not below a long $TMPDIR.
        return Path(tempfile.mkdtemp(prefix="hp-", dir="/tmp"))

    def __enter__(self) -> Connections:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if "_folder" not in vars(self):
            return
        for socket in filter(Path.is_socket, self._folder.iterdir()):
            line = ["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", "host"]
            subprocess.run(line, capture_output=True, timeout=10, check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def uri(self, row: InventoryHost) -> str:
        """Return the URI of a host, reached over a connection that is shared."""
        if row.name == "@local":
            return uri(row)
        config = row.data.get("ssh_config_file")
        if resolved(row).get("controlpath", "none") == "none":
            own = self._folder / f"{len(list(self._folder.glob('*.conf')))}.conf"
            own.write_text(own_config(row.data, str(self._folder)))
            config = str(own)
        return uri(row, config)


def outside(row: InventoryHost) -> str | None:
    """Return the address at which others see a host, None if there is a jump on the way."""
    if row.name == "@local":
        return "127.0.0.1"
    options = resolved(row)
    jumps = (options.get(key, "none") for key in ("proxyjump", "proxycommand"))
    return None if any(jump != "none" for jump in jumps) else options["hostname"]


@cache
def _options(name: str, config: str | None) -> dict[str, str]:
    line = ["ssh", "-G", *(["-F", config] if config else []), "--", name]
    try:
        output = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    except OSError:
        raise UserError("there is no ssh here", fix="install openssh-client") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1:] or ["ssh doesn't take it"]
        raise UserError(reason[0], fix=f"see what `{' '.join(line)}` says", file=config) from None
    return dict(text.partition(" ")[::2] for text in output.splitlines())


def resolved(row: InventoryHost) -> dict[str, str]:
    """Return what ssh's own configuration says of a host."""
    return _options(address(row), row.data.get("ssh_config_file"))


def _word(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text
