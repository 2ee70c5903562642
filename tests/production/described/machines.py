"""The machine: its architecture and its Debian."""

from __future__ import annotations

from homeport.resource import Description
from operations.hosts import Machine


def question(description: Description) -> str:
    """Return the shell that prints the architecture and the release."""
    return """\
dpkg --print-architecture
. /etc/os-release
echo "$ID $VERSION_ID"
"""


def faults(machine: Machine, answer: str) -> list[str]:
    """Return what the machine is and should not be."""
    expected = [machine.architecture, f"debian {machine.debian}"]
    pairs = zip(expected, answer.splitlines(), strict=True)
    return [f"is {found}, not {wanted}" for wanted, found in pairs if found != wanted]
