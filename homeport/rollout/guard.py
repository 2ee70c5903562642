"""A deploy to all hosts at once, where host data asks for batches: refused before any is called."""

from __future__ import annotations

from pyinfra.api.host import Host

from homeport.errors import UserError
from homeport.pyinfra_adapter import command_line
from homeport.pyinfra_adapter.data_source import WHERE

NO = ("none", "no", "false", "0", "")


def is_requested(rollout: object) -> bool:
    """Return whether the key ``rollout`` of host data asks for batches, valid or not."""
    return str(rollout).lower() not in NO


def require_rollout(host: Host) -> None:
    """Raise ``UserError`` if a run deploys to several hosts at once that ask for batches."""
    if not is_requested(host.data.get("rollout")) or command_line.is_dry():
        return
    state = host.state
    together = sum(state.is_host_in_limit(other) for other in host.inventory)
    if together == 1:
        return
    what = f"{together} hosts would be deployed to at once, but rollout asks for batches"
    fix = (
        f"{command_line.rollout_command()}; or name one host with --limit, "
        "or add --data rollout=no to deploy to all of them at once"
    )
    raise UserError(what, fix=fix, file=WHERE, key="rollout")
