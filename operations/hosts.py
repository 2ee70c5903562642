"""The host itself: looked at with everything else, and refused if it isn't what was described.

Nothing here is ever changed. A wrong architecture or release is found before the first change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyinfra.api import operation

from homeport import phase
from homeport.resource import (
    NOTHING,
    Answer,
    Change,
    Commands,
    Description,
    Kind,
    Refusal,
    Upcoming,
)

OLDEST_SYSTEMD = 252


@dataclass(frozen=True)
class Machine:
    """What group_data says the host is."""

    architecture: str
    debian: str


def probe(description: Description, key: str) -> str:
    """Return the shell that tells architecture, release, systemd and who we are."""
    return """\
echo "architecture $(dpkg --print-architecture)"
. /etc/os-release
echo "debian $ID $VERSION_ID"
systemctl --version | { read -r _ version _; echo "systemd $version"; }
echo "user $(id -u)"
"""


def read(answer: Answer) -> dict[str, list[str]]:
    """Return the facts, by name."""
    return {name: words for name, *words in map(str.split, answer.text.splitlines())}


def diff(
    description: Description, found: dict[str, list[str]], upcoming: Upcoming = NOTHING
) -> list[Change]:
    """Return no change; raises ``Refusal`` with every finding at once if the host doesn't fit."""
    for machine in description.of(Machine):
        if findings := list(_findings(machine, found)):
            raise Refusal("; ".join(findings))
    return []


def _findings(machine: Machine, found: dict[str, list[str]]) -> Iterator[str]:
    (architecture,) = found["architecture"]
    if architecture == "armhf":
        yield "its userland is 32-bit (armhf), which isn't supported; install a 64-bit one"
    elif architecture != machine.architecture:
        yield (
            f"it is {architecture}, but group_data says {machine.architecture}; "
            f'set architecture = "{architecture}"'
        )
    name, version = found["debian"]
    if (name, version) != ("debian", machine.debian):
        yield (
            f"it runs {name} {version}, but group_data says Debian {machine.debian}; "
            f'set debian = "{version}" if that is 12 or 13'
        )
    if int(found["systemd"][0]) < OLDEST_SYSTEMD:
        yield f"its systemd is {found['systemd'][0]}, and {OLDEST_SYSTEMD} is the oldest supported"
    if found["user"] != ["0"]:
        yield "we are not root there; set _sudo = True in group_data, or log in as root"


def fix(
    description: Description, found: dict[str, list[str]], changes: Sequence[Change]
) -> Commands:
    """Yield nothing: a host is what it is."""
    yield from ()


KIND = Kind("hosts", probe, read, diff, fix)


@operation()
def converge() -> Commands:
    """Refuse the host if it isn't what was described; change nothing."""
    yield from phase.converge(KIND)
