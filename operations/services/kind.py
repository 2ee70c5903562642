"""Services and timers: which release is current, what runs, and that it runs what it should.

Whether a restart is due is observed: at its start each service records what it really read (the
unit's digest, the files' hashes, the release), bound to its invocation. A deploy that died after
writing and before restarting is therefore fixed by the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from homeport.engine.kind import (
    NOTHING,
    Because,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    Plan,
    PreconditionError,
    Reason,
    Target,
    payloads,
    when_changed,
)
from homeport.engine.phase import operation_for
from homeport.engine.secret_digest import fingerprint
from homeport.hostctl.protocol import idle_slot
from homeport.operations import releases
from homeport.operations.services.probe import ServicesState, ServiceState, parse, probe
from homeport.operations.services.resources import (
    CurrentLink,
    RunOnce,
    Service,
    ServiceChange,
    ServicesPayload,
    StaleUnit,
)
from homeport.operations.venvs import kind as venvs

NAME = "services"
SIZES = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Why(Reason):
    """The reason why something is to be switched, started, enabled or stopped."""

    SWITCH = "switches to {}; was {}"
    FIRST_SWITCH = "switches to {}; first {}"
    RUN_ONCE = "runs once: {}"
    NEW_SLOT = "new generation in slot {}"
    NEW_SLOT_NO_GAP = "new generation in slot {}; no gap"
    LEFT = "no longer described; stopped"
    ENABLE = "enabled, so that it starts at boot"
    START = "started: it is {}"
    RESTART = "restarted: {}"
    UNKNOWN_START = "what it read at its start is not known"
    OLDER_UNIT = "it runs from an older unit file"
    DROP_IN = "it runs with a drop-in that is not described"
    OTHER_FILE = "it read another {}"
    OTHER_RELEASE = "it runs another release"
    BUILT_ANEW = "{} is built anew"


def diff(
    description: DesiredState, actual: ServicesState, pending: PendingTargets = NOTHING
) -> list[Change[ServicesPayload]]:
    """Return the switch of ``current``, and what each unit lacks to run what is described."""
    changes: list[Change[ServicesPayload]] = [
        change for c in description.of(CurrentLink) if (change := _switching(c, actual))
    ]
    changes += [
        Change("add", Target(NAME, once.unit), (Why.RUN_ONCE(once.command),), once)
        for once in description.of(RunOnce)
        if once.record not in actual.done
    ]
    for service in description.of(Service):
        start, enable = _start(service, actual, pending), _enable(service, actual)
        state = actual.state_of(service)
        runs = state is not None and state.properties["ActiveState"] == "active"
        work = ServiceChange(service, tuple(start), tuple(enable), runs)
        if reasons := (*work.enable, *work.start, *_how(work, actual)):
            changes.append(Change("change", Target(NAME, service.unit), reasons, work))
    return changes + _leaving(description, actual)


def _how(work: ServiceChange, actual: ServicesState) -> Iterator[Because]:
    if work.start and work.service.slotted:
        yield (Why.NEW_SLOT_NO_GAP if work.runs else Why.NEW_SLOT)(idle_slot(actual.slot))


def _leaving(description: DesiredState, actual: ServicesState) -> list[Change[ServicesPayload]]:
    described = {s.instance(actual.slot or "") for s in description.of(Service) if s.slotted}
    return [
        Change("remove", Target(NAME, unit), (Why.LEFT(),), StaleUnit(unit))
        for unit in actual.slot_units
        if unit not in described
        and (state := actual.states.get(unit))
        and state.properties["ActiveState"] != "inactive"
    ]


def _switching(current: CurrentLink, actual: ServicesState) -> Change[CurrentLink] | None:
    before = actual.links.get(current.path)
    if before == current.release:
        return None
    target, release = Target(NAME, current.path), _name(current.release)
    if before is None:
        return Change("add", target, (Why.FIRST_SWITCH(release, current.what),), current)
    return Change("change", target, (Why.SWITCH(release, _name(before)),), current)


def _enable(service: Service, actual: ServicesState) -> Iterator[Because]:
    # What runs in slots is started by what the pointer says, also at boot.
    state = actual.state_of(service)
    if not service.slotted and (state is None or state.properties["UnitFileState"] != "enabled"):
        yield Why.ENABLE()


def _start(service: Service, actual: ServicesState, pending: PendingTargets) -> Iterator[Because]:
    state = actual.state_of(service)
    if state is None or state.properties["ActiveState"] != "active":
        yield Why.START(state.properties["ActiveState"] if state else "not there")
    elif service.digest:
        # What runs in slots is never restarted: it goes on until another generation serves.
        stale = _stale(service, state, actual, pending)
        yield from stale if service.slotted else map(Why.RESTART, stale)


def _stale(
    service: Service, state: ServiceState, actual: ServicesState, pending: PendingTargets
) -> Iterator[Because]:
    if f"invocation {state.properties['InvocationID']}" not in state.record:
        yield Why.UNKNOWN_START()
        return
    if f"unit {service.digest}" not in state.record:
        yield Why.OLDER_UNIT()
    if any(entry.startswith("dropin ") for entry in state.record):
        yield Why.DROP_IN()
    if service.current is not None:
        yield from _stale_release(service.current, state, actual, pending)
    for file in service.reads:
        digest = fingerprint(actual.key, file.sha256) if file.secret else file.sha256
        if f"sha256 {digest} {file.path}" not in state.record:
            yield Why.OTHER_FILE(file.path)


def _stale_release(
    current: CurrentLink, state: ServiceState, actual: ServicesState, pending: PendingTargets
) -> Iterator[Because]:
    if f"target {current.release} {current.path}" not in state.record:
        yield Why.OTHER_RELEASE()
        return
    built = (Target(releases.NAME, current.release), Target(venvs.NAME, current.venv))
    for (link, place), target in zip(current.followed.items(), built, strict=True):
        anew = target in pending or f"inode {actual.inodes.get(place)} {link}" not in state.record
        if anew:
            yield Why.BUILT_ANEW(place)


def check_plan(description: DesiredState, actual: ServicesState, plan: Plan) -> list[str]:
    """Return which units have failed; raises ``PreconditionError`` where a second slot has no
    room."""
    works = payloads(plan, ServiceChange)
    anew = [work.service for work in works if work.start and work.service.slotted]
    needed = sum(_bytes(service.memory, actual.total) for service in anew if actual.slot)
    if actual.memory is not None and needed > actual.memory * 1024:
        raise PreconditionError(
            f"a second slot may need {needed // 2**20} MiB, and {actual.memory // 2**10} MiB of "
            f"memory are available; lower memory of {_units(anew)} in app.yml, stop something "
            "else there, or have the process stopped and started instead, by strategy: recreate"
        )
    services = {service.unit for service in description.of(Service)}
    failed = sorted(
        unit
        for unit, state in actual.states.items()
        if state.properties["ActiveState"] == "failed" and unit not in services
    )
    return [f"{unit} has failed: `journalctl -u {unit}` there says why" for unit in failed]


def _bytes(size: str | None, total: int) -> int:
    parts = re.fullmatch(r"(\d+)([KMGT]|%)", size or "")
    if parts is None:
        return 0
    return int(parts[1]) * (total * 1024 // 100 if parts[2] == "%" else SIZES[parts[2]])


def _units(services: Sequence[Service]) -> str:
    return ", ".join(service.unit for service in services)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


KIND = Kind(
    NAME,
    probe,
    parse,
    diff,
    when_changed("homeport.operations.services.apply"),
    check_plan=check_plan,
)
converge = operation_for(KIND)
"""Switch to the described release, and have every service run what it should."""
