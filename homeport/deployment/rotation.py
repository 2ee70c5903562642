"""A rotation: a host replaces one secret, in what runs and in all that it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyinfra import logger
from pyinfra.api import operation
from pyinfra.api.command import FunctionCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.deployment import host_plan
from homeport.deployment.host_plan import ITSELF, NOT_THERE, HostPlan
from homeport.engine import hostctl_client, phase
from homeport.engine.host_failure import FAILURES, failing_alone
from homeport.engine.kind import Commands, DesiredState
from homeport.engine.run import host_run
from homeport.engine.transaction import DONE, who
from homeport.hostctl.plain_text import one_line
from homeport.hostctl.system.exit_codes import NOT_FOUND
from homeport.pyinfra_adapter import dry_run
from homeport.pyinfra_adapter.commands import connector_arguments

NAME = "rotation"


class SecretValue:
    """A secret on its way to a host. Whatever prints, stores or dumps it shows nothing of it."""

    def __init__(self, value: str) -> None:
        self._value = value

    def line(self) -> str:
        """Return the line that the host program reads."""
        return f"{self._value}\n"


@dataclass(frozen=True)
class RotatedSecret:
    """The secret that a host is to replace, and its new value."""

    name: str
    value: SecretValue


def described(app: str, secret: str, value: SecretValue) -> DesiredState:
    """Return all that a rotation needs to know of a host."""
    return DesiredState(app, (RotatedSecret(secret, value),))


def _words(description: DesiredState) -> Iterator[list[str]]:
    for secret in description.of(RotatedSecret):
        yield ["secrets", "rotate", description.app, secret.name]


PLAN = host_plan.kind_of(NAME, _words)
KINDS = (PLAN,)


@operation()
def converge() -> Commands:
    """Yield the command that has the host replace a secret by its new value."""
    current = phase.current_run()
    if current.failed:
        yield from phase.fail_when_executed(current)
        return
    try:
        plan, _ = current.plan(PLAN)
    except FAILURES as reason:
        yield from phase.fail_phase(current, str(reason))
        return
    (secret,) = current.description.of(RotatedSecret)
    dry_run.count(current.host, NAME, 1)
    for line in planned(current.description.app, secret.name, plan):
        current.printer.once(line)
    yield FunctionCommand(_rotate, (secret, plan), {})


def planned(app: str, secret: str, plan: HostPlan) -> Iterator[str]:
    """Yield what a person reads before it is done."""
    where = "in what runs, and in each generation that is kept"
    yield f"rotation  ~ secret {secret} of {app}  ({where})"
    yield from (f"rotation    {line}" for line in plan.lines)


@failing_alone
def _rotate(state: State, host: Host, secret: RotatedSecret, plan: HostPlan) -> bool:
    app, arguments = host_run().description.app, connector_arguments(host)
    words = ["secrets", "rotate", app, secret.name, *plan.words, "--user", who()]
    result = hostctl_client.ask(host, words, arguments, secret.value.line(), shown=True)
    if result.code != DONE:
        reason = NOT_THERE if result.code == NOT_FOUND else result.reason.removeprefix(ITSELF)
        host.log_styled(one_line(f"not rotated: {reason}"), fg="red", log_func=logger.error)
    return result.code == DONE
