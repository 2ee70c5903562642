"""The program that guards deploys: root's alone to write, able to run, and started at boot."""

from __future__ import annotations

import hashlib
from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.hostctl.program import entry_points, modules
from homeport.operations.hostctl.resources import HostProgram

# As a person finds them on a host, and not as the program itself spells them: a proof of its own.
PROGRAM = "/usr/local/sbin/homeportctl"
LIBRARY = "/usr/local/lib/homeportctl"
STATE = "/var/lib/homeport"
BOOT = "homeportctl-boot.service"
FRAGMENT = f"/etc/systemd/system/{BOOT}"
AS_LOADED = {
    **{"LoadState": "loaded", "FragmentPath": FRAGMENT, "DropInPaths": ""},
    "NeedDaemonReload": "no",
}


def question(description: DesiredState) -> str:
    """Return the shell that has the program tell how things are, and asks who may write it."""
    guards = description.of(HostProgram)
    if not guards:
        return ":"
    return f"""\
echo "boot $(systemctl is-enabled {BOOT} 2>/dev/null)"
{PROGRAM} status {quote(guards[0].app)} >/dev/null 2>&1 </dev/null
echo "status $?"
systemctl show -p {",".join(AS_LOADED)} {BOOT} | sed 's/^/unit /'
find {PROGRAM} {LIBRARY}.versions {FRAGMENT} {STATE} \\( ! -user root -o -perm /022 \\) ! -type l \\
  -printf 'loose %p\\n' 2>&1 || :
find {PROGRAM} {LIBRARY}/ {FRAGMENT} ! -type d ! -name '*.pyc' -exec sha256sum {{}} + 2>&1 |
  sed 's/^/holds /'
find {PROGRAM} {LIBRARY}/ {FRAGMENT} -type l -printf 'loose %p\\n' 2>/dev/null || :
"""


def faults(guard: HostProgram, answer: str) -> list[str]:
    """Return why deploys are not guarded, or not put back at boot."""
    lines = answer.splitlines()
    wrong = []
    if "boot enabled" not in lines:
        wrong.append(f"{BOOT} is not enabled")
    if "status 0" not in lines:
        wrong.append(f"{PROGRAM} does not run")
    for name, value in AS_LOADED.items():
        if f"unit {name}={value}" not in lines:
            wrong.append(f"systemd has {BOOT} otherwise than {name}={value}")
    wrong += _content({line.removeprefix("holds ") for line in lines if line.startswith("holds ")})
    known = ("boot ", "status ", "unit ", "holds ")
    return wrong + [f"others may write: {line}" for line in lines if not line.startswith(known)]


def _content(found: set[str]) -> list[str]:
    files = {f"{LIBRARY}/{name}": text for name, text in modules().items()}
    files |= {file.path: file.content for file in entry_points()}
    wanted = {f"{hashlib.sha256(text).hexdigest()}  {path}" for path, text in files.items()}
    return sorted(
        {f"{line.rpartition('  ')[2]} is not as it is shipped" for line in found ^ wanted}
    )
