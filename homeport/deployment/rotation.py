"""A rotation: a host replaces one secret, in what runs and in all that it keeps."""

from __future__ import annotations

from pyinfra import logger
from pyinfra.api import operation
from pyinfra.api.command import FunctionCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.deployment.rollback import ITSELF, NOT_THERE
from homeport.engine import hostctl_client
from homeport.engine.host_failure import failing_alone
from homeport.engine.kind import Commands
from homeport.engine.run import current_host
from homeport.engine.transaction import DONE, who
from homeport.hostctl.plain_text import one_line
from homeport.hostctl.system.exit_codes import NOT_FOUND
from homeport.pyinfra_adapter import dry_run
from homeport.pyinfra_adapter.commands import connector_arguments


class SecretValue:
    """A secret on its way to a host. Whatever prints, stores or dumps it shows nothing of it."""

    def __init__(self, value: str) -> None:
        self._value = value

    def line(self) -> str:
        """Return the line that the host program reads."""
        return f"{self._value}\n"


@operation()
def rotate(app: str, secret: str, value: SecretValue) -> Commands:
    """Yield the command that has the host replace a secret by this value."""
    host = current_host()
    dry_run.claim(host)
    dry_run.count(host, "rotation", 1)
    if not host.state.is_executing or not host.state.should_check_for_changes():
        where = "in what runs, and in each generation that is kept"
        logger.info(f"{host.print_prefix}rotation  ~ secret {secret} of {app}  ({where})")
    yield FunctionCommand(_rotate, (app, secret, value), {})


@failing_alone
def _rotate(state: State, host: Host, app: str, secret: str, value: SecretValue) -> bool:
    words = ["secrets", "rotate", app, secret, "--user", who()]
    result = hostctl_client.ask(host, words, connector_arguments(host), value.line(), shown=True)
    if result.code != DONE:
        reason = NOT_THERE if result.code == NOT_FOUND else result.reason.removeprefix(ITSELF)
        host.log_styled(one_line(f"not rotated: {reason}"), fg="red", log_func=logger.error)
    return result.code == DONE
