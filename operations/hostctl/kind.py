"""The program of ours that guards a deploy: it lies on the host, and runs only when it is called.

It keeps what a deploy is about to change, and puts it back unless that deploy is confirmed. Its
modules lie in a folder named after them, which a link leads to: a deploy that is at work goes on
with those that it began with.
"""

from __future__ import annotations

from homeport.engine.kind import (
    NOTHING,
    Action,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    Plan,
    PreconditionError,
    Reason,
    Target,
    when_changed,
)
from homeport.engine.phase import operation_for
from homeport.hostctl import protocol
from homeport.operations.hostctl import preflight
from homeport.operations.hostctl.probe import HostProgramState, parse, probe
from homeport.operations.hostctl.program import LIBRARY, UNIT, modules
from homeport.operations.hostctl.resources import CutOffDeploy, HostProgram
from homeport.operations.releases import Release

NAME = "hostctl"


class Why(Reason):
    """The reasons why the program is to be shipped."""

    NEW = "guards deploys; new"
    NOT_SHIPPED = "not as it is shipped"


def diff(
    description: DesiredState, actual: HostProgramState, pending: PendingTargets = NOTHING
) -> list[Change[HostProgram | CutOffDeploy]]:
    """Return what ships the program, and what puts back a deploy that was cut off."""
    changes: list[Change[HostProgram | CutOffDeploy]] = []
    for guard in description.of(HostProgram):
        if not actual.is_shipped:
            because = Why.NOT_SHIPPED() if actual.is_there else Why.NEW()
            action: Action = "change" if actual.is_there else "add"
            beside = (f"{LIBRARY}: {len(modules())} modules", f"{UNIT}: enabled")
            changes.append(
                Change(action, Target(NAME, protocol.PROGRAM), (because,), guard, beside)
            )
        if actual.situation is not None and actual.situation.is_cut_off:
            journal = f"{protocol.STATE}/{guard.app}/{protocol.JOURNAL}"
            because = preflight.cut_off(actual.situation)
            deploy = CutOffDeploy(str(actual.situation.journal[0].get("id", "-")))
            changes.append(Change("remove", Target(NAME, journal), (because,), deploy))
    return changes


def check_plan(description: DesiredState, actual: HostProgramState, plan: Plan) -> list[str]:
    """Return what is worth knowing; raises ``PreconditionError`` with all that forbids the plan."""
    refused: list[str] = []
    warnings: list[str] = []
    for guard in description.of(HostProgram):
        if actual.situation is None:
            continue
        forbidden = list(preflight.blockers(guard.app, actual.situation))
        commits = [release.artifact.commit for release in description.of(Release)]
        if guard.repository is not None and not guard.allow_downgrade:
            forbidden += preflight.downgrade_blockers(guard.repository, actual.situation, commits)
        # Where nothing is to be changed, there is nothing to forbid.
        (refused if plan else warnings).extend(forbidden)
        refused += filter(None, [preflight.unknown(guard.app, actual.situation)])
        warnings += preflight.warnings(actual.situation)
        warnings += preflight.downtime_note(plan, actual.situation)
    if refused:
        raise PreconditionError("; ".join(refused))
    return warnings


KIND = Kind(
    NAME,
    probe,
    parse,
    diff,
    when_changed("homeport.operations.hostctl.apply"),
    check_plan=check_plan,
)


converge = operation_for(KIND)
"""Have the program that guards deploys on the host, as it is shipped."""
