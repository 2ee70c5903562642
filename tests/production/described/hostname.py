"""The host's name: the kernel's, the one after a reboot, and one that leads to itself."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.hostname import HostName


def question(description: DesiredState) -> str:
    """Return the shell that prints the name now, at the next boot, and where it leads."""
    names = " ".join(quote(host.name) for host in description.of(HostName))
    return f"""\
echo "now $(uname -n)"
echo "boot $(cat /etc/hostname)"
for name in {names}; do echo "leads $(getent ahosts "$name" | head -n 1)"; done
"""


def faults(host: HostName, answer: str) -> list[str]:
    """Return where the host has another name."""
    values = dict(line.partition(" ")[::2] for line in answer.splitlines())
    found = [f"it is called {values['now']}"] if values["now"] != host.name else []
    if values["boot"] != host.name:
        found.append(f"it will be called {values['boot']} after a reboot")
    if not values.get("leads", "").startswith(("127.", "::1")):
        found.append("its name does not point to itself")
    return found
