"""Daemons of the system: they run, now and after a reboot."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.system_services import SystemService


def question(description: DesiredState) -> str:
    """Return the shell that prints systemd's words for each of them."""
    units = [quote(daemon.unit) for daemon in description.of(SystemService)]
    return f"""\
for unit in {" ".join(units)}; do
  echo "$unit $(systemctl is-active "$unit") $(systemctl is-enabled "$unit" 2>/dev/null)"
done
"""


def faults(daemon: SystemService, answer: str) -> list[str]:
    """Return what systemd says of a daemon that doesn't run, or won't."""
    states = {unit: words for unit, *words in map(str.split, answer.splitlines())}
    active, enabled = [*states.get(daemon.unit, []), "unknown", "unknown"][:2]
    found = [] if active == "active" else [f"it is {active}"]
    if enabled not in ("enabled", "static", "generated", "alias", "indirect"):
        found.append(f"it is {enabled}, so it does not start at boot")
    return found
