"""A lock that a user sets: no deploys to this host, for a reason, for some time or for good."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra import logger
from pyinfra.api import operation
from pyinfra.api.command import FunctionCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.deployment.host_plan import NOT_THERE
from homeport.engine import hostctl_client
from homeport.engine.host_failure import failing_alone
from homeport.engine.kind import Commands
from homeport.engine.run import current_host
from homeport.engine.transaction import DONE, who
from homeport.hostctl.plain_text import one_line
from homeport.hostctl.system.exit_codes import NOT_FOUND
from homeport.pyinfra_adapter import dry_run
from homeport.pyinfra_adapter.commands import connector_arguments


@operation()
def lock(reason: str, lasting: str | None = None) -> Commands:
    """Yield the command that locks the host against deploys.

    + reason: the reason that a refused deploy shows
    + lasting: a duration such as 2d, 3h or 30m; without it, until it is unlocked
    """
    until = ["--for", lasting] if lasting else []
    _plan(f"lock      + {reason}  ({f'for {lasting}' if lasting else 'until it is unlocked'})")
    yield FunctionCommand(_ask, (["lock", reason, *until, "--user", who()],), {})


@operation()
def unlock() -> Commands:
    """Yield the command that unlocks the host, also a lock of another user."""
    _plan("lock      -  (whatever it is)")
    yield FunctionCommand(_ask, (["unlock"],), {})


def _plan(line: str) -> None:
    host = current_host()
    dry_run.claim(host)
    dry_run.count(host, "lock", 1)
    if not host.state.is_executing or not host.state.should_check_for_changes():
        logger.info(f"{host.print_prefix}{line}")


@failing_alone
def _ask(state: State, host: Host, words: Sequence[str]) -> bool:
    result = hostctl_client.ask(host, words, connector_arguments(host))
    for line in result.out:
        host.log_styled(one_line(line), log_func=logger.info)
    if result.code != DONE:
        reason = NOT_THERE if result.code == NOT_FOUND else result.reason
        host.log_styled(one_line(reason), fg="red", log_func=logger.error)
    return result.code == DONE
