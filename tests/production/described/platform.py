"""The machine: its architecture and its Debian, or what a laptop brings along."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.platform.resources import HostPlatform, LocalPlatform

INSTALLED = ["ok", "installed"]
TELL = "import sys; print('python', '%d.%d' % sys.version_info[:2])"


def question(description: DesiredState) -> str:
    """Return the shell that prints the architecture and the release."""
    if not description.of(HostPlatform):
        return ":"
    return """\
dpkg --print-architecture
. /etc/os-release
echo "$ID $VERSION_ID"
"""


def faults(machine: HostPlatform, answer: str) -> list[str]:
    """Return what the machine is and should not be."""
    expected = [machine.architecture, f"debian {machine.debian}"]
    pairs = zip(expected, answer.splitlines(), strict=True)
    return [f"is {found}, not {wanted}" for wanted, found in pairs if found != wanted]


def brought(description: DesiredState) -> str:
    """Return the shell that has each thing that a laptop needs tell of itself."""
    commands = []
    for here in description.of(LocalPlatform):
        commands.append(f"{quote(here.interpreter)} -I -S -c {quote(TELL)} || :")
        commands += [f"{quote(here.git)} --version"] if here.git else []
        commands += [
            f"dpkg-query -W -f '${{Package}} ${{Status}}\\n' {quote(name)} 2>/dev/null || :"
            for name in here.packages
        ]
    return "\n".join(commands) or ":"


def lacks(here: LocalPlatform, answer: str) -> list[str]:
    """Return what a laptop does not bring along."""
    lines = answer.splitlines()
    wrong = []
    if f"python {here.python}" not in lines:
        wrong.append(f"{here.interpreter} is no Python {here.python}")
    if here.git and not any(line.startswith("git version") for line in lines):
        wrong.append(f"{here.git} is no git")
    states = dict(line.split(" ", 1) for line in lines if " " in line)
    states = {name: state.split()[1:] for name, state in states.items()}
    return wrong + [
        f"{name} is not installed" for name in here.packages if states.get(name) != INSTALLED
    ]
