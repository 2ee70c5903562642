"""A rollback: the host itself goes back, and is told over a new connection that it can be reached.

The host needs nothing from here: what it goes back to, it has kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyinfra import logger
from pyinfra.api import operation
from pyinfra.api.command import FunctionCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.deployment import history, host_plan
from homeport.deployment.history import DeployHistory, HistoryQuery
from homeport.deployment.host_plan import ITSELF, NOT_THERE, HostPlan
from homeport.engine import hostctl_client, phase, rollback_on_failure
from homeport.engine.host_failure import FAILURES, failing_alone
from homeport.engine.kind import Commands, DesiredState
from homeport.engine.remote import ask
from homeport.engine.run import host_run
from homeport.engine.transaction import DONE, REFUSED, DeployTransaction, new_id, who
from homeport.hostctl import protocol
from homeport.hostctl.plain_text import one_line
from homeport.hostctl.system.exit_codes import NOT_FOUND, USAGE
from homeport.pyinfra_adapter import dry_run
from homeport.pyinfra_adapter.commands import connector_arguments
from homeport.ssh import connection

NAME = "rollback"
UNTOUCHED = (REFUSED, USAGE, NOT_FOUND)
"""How the host's program ends that has touched nothing, or isn't there at all."""


@dataclass(frozen=True)
class RollbackTarget:
    """The release or generation to go back to, by name, or the one before; force what is bad.

    + old_secrets: whether it gets the secrets of then; today's otherwise
    """

    name: str | None = None
    force: bool = False
    old_secrets: bool = False

    def __str__(self) -> str:
        ways = [", forced"] * self.force + [", with its old secrets"] * self.old_secrets
        return f"to {self.name or 'what was confirmed before'}{''.join(ways)}"

    @property
    def words(self) -> list[str]:
        """The words by which the host program is asked for it, after the application's name."""
        flags = ["--force"] * self.force + ["--old-secrets"] * self.old_secrets
        return [*([self.name] if self.name else []), *flags]


def described(app: str, current: str, goal: RollbackTarget) -> DesiredState:
    """Return all that a rollback needs to know of a host."""
    return DesiredState(app, (HistoryQuery(app, current), goal))


def _words(description: DesiredState) -> Iterator[list[str]]:
    for goal in description.of(RollbackTarget):
        yield ["rollback", description.app, *goal.words]


PLAN = host_plan.kind_of(NAME, _words)
KINDS = (history.KIND, PLAN)


@operation()
def converge() -> Commands:
    """Yield the command that rolls the host back, if it has a release to roll back to."""
    current = phase.current_run()
    if current.failed:
        yield from phase.fail_when_executed(current)
        return
    try:
        past, _ = current.plan(history.KIND)
        plan, _ = current.plan(PLAN)
    except FAILURES as reason:
        yield from phase.fail_phase(current, str(reason))
        return
    (goal,) = current.description.of(RollbackTarget)
    dry_run.count(current.host, "rollback", 1)
    for line in planned(past, goal, plan.lines):
        current.printer.once(line)
    yield FunctionCommand(_go_back, (goal, plan), {})


def planned(
    past: DeployHistory, goal: RollbackTarget, consequences: Sequence[str] = ()
) -> Iterator[str]:
    """Yield what a person reads before it is done."""
    yield f"rollback  ~ {past.release or 'no release'}  ({goal})"
    yield from (f"rollback    {line}" for line in consequences)
    if past.locked:
        yield f"rollback    locked by {past.locked}; a lock blocks deploys, not rollbacks"
    if past.opened:
        yield "rollback    a deploy is open there; the host accepts one at a time"


@failing_alone
def _go_back(state: State, host: Host, goal: RollbackTarget, plan: HostPlan) -> bool:
    current = host_run()
    app = current.description.app
    transaction = DeployTransaction(app, new_id(), connector_arguments(host))
    rollback_on_failure.watch(state)
    current.attach(transaction)
    words = ["rollback", app, *goal.words, *plan.words]
    words += [] if connection.hold(host) else [protocol.UNHELD]
    words += ["--deploy-id", transaction.id, "--user", who()]
    result = hostctl_client.ask(host, words, transaction.arguments, shown=True)
    if result.code in UNTOUCHED:
        # Nothing was begun, so there is nothing to revert.
        current.detach()
        reason = NOT_THERE if result.code == NOT_FOUND else result.reason.removeprefix(ITSELF)
        return _fail(host, f"rollback refused: {reason}")
    if result.code != DONE:
        return _fail(host, f"rollback failed: {result.reason.removeprefix(ITSELF)}")
    confirmed = transaction.confirm(host)
    if confirmed.code != DONE:
        return _fail(host, f"could not confirm over a new connection: {confirmed.reason}")
    found = ask(host, (history.KIND,), current.description)[history.NAME]
    host.log_styled(one_line(f"now: {history.read(found).release}"), log_func=logger.info)
    return True


def _fail(host: Host, why: str) -> bool:
    host.log_styled(one_line(why), fg="red", log_func=logger.error)
    return False
