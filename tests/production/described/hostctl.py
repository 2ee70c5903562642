"""The program that guards deploys: root's alone to write, able to run, and started at boot."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.hostctl.resources import HostProgram

# As a person finds them on a host, and not as the program itself spells them: a proof of its own.
PROGRAM = "/usr/local/sbin/homeportctl"
LIBRARY = "/usr/local/lib/homeportctl"
BOOT = "homeportctl-boot.service"


def question(description: DesiredState) -> str:
    """Return the shell that has the program tell how things are, and asks who may write it."""
    guards = description.of(HostProgram)
    if not guards:
        return ":"
    return f"""\
echo "boot $(systemctl is-enabled {BOOT} 2>/dev/null)"
{PROGRAM} status {quote(guards[0].app)} >/dev/null 2>&1 </dev/null
echo "status $?"
find {PROGRAM} {LIBRARY}/ \\( ! -user root -o -perm /022 \\) ! -type l \\
  -printf 'loose %p\\n' 2>&1 || :
"""


def faults(guard: HostProgram, answer: str) -> list[str]:
    """Return why deploys are not guarded, or not put back at boot."""
    lines = answer.splitlines()
    wrong = []
    if "boot enabled" not in lines:
        wrong.append(f"{BOOT} is not enabled")
    if "status 0" not in lines:
        wrong.append(f"{PROGRAM} does not run")
    known = ("boot ", "status ")
    return wrong + [f"others may write: {line}" for line in lines if not line.startswith(known)]
