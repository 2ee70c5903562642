"""A service runs what is described, or the plan says why it doesn't and the deploy sees to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyinfra.api.command import FunctionCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    PendingTargets,
    PreconditionError,
    SnapshotContext,
    Target,
)
from homeport.operations.services import apply as applying
from homeport.operations.services import kind as services
from homeport.operations.services.probe import ServicesState, ServiceState
from homeport.operations.services.resources import CurrentLink, Service, ServiceChange, ServiceInput
from tests.support.real_delivery import run_command
from tests.support.sample_app import CURRENT, ONCE, READS, TIMER, WEB
from tests.support.service_samples import API, DESCRIPTION, IN_SLOTS, KEY

PLACES = (CURRENT.release, CURRENT.venv)


def recorded(service: Service, invocation: str, inodes: dict[str, str]) -> set[str]:
    """What the program ``record`` writes at a start, with its secrets fingerprinted by a look."""
    lines = {f"invocation {invocation}", f"unit {service.digest}"}
    for file in service.reads:
        digest = file.sha256
        if file.secret:
            digest = hashlib.sha256(f"{KEY}{digest}".encode()).hexdigest()
        lines.add(f"sha256 {digest} {file.path}")
    if service.current:
        link, venv = service.current.path, f"{service.current.path}/venv"
        lines |= {f"target {service.current.release} {link}", f"target ../../venvs/v1 {venv}"}
        lines |= {f"inode {inodes[PLACES[0]]} {link}", f"inode {inodes[PLACES[1]]} {venv}"}
    return lines


def state(
    service: Service, record: set[str], active: str = "active", enabled: str = "enabled"
) -> ServiceState:
    properties = {
        "Id": service.unit,
        "ActiveState": active,
        "UnitFileState": enabled,
        "InvocationID": "i1" if active == "active" else "",
    }
    return ServiceState(properties, frozenset(record))


INODES = {CURRENT.release: "11", CURRENT.venv: "22"}
RECORD = recorded(WEB, "i1", INODES)
WELL = ServicesState(
    {CURRENT.path: CURRENT.release},
    INODES,
    {WEB.unit: state(WEB, RECORD), TIMER.unit: state(TIMER, set())},
    KEY,
)


def with_state(
    actual: ServicesState, service: Service, changed: ServiceState | None
) -> ServicesState:
    states = {unit: at for unit, at in actual.states.items() if unit != service.unit}
    return replace(actual, states={**states, service.unit: changed} if changed else states)


def reasons(actual: ServicesState, pending: PendingTargets = NOTHING) -> dict[str, str]:
    return {c.target.name: c.reason for c in services.diff(DESCRIPTION, actual, pending)}


def test_service_that_runs_what_is_described_is_left_alone() -> None:
    assert services.diff(DESCRIPTION, WELL) == []


def without(start: str) -> set[str]:
    (gone,) = [line for line in RECORD if line.startswith(start)]
    return RECORD - {gone}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (set(), "what it read at its start is not known"),
        (without("invocation"), "what it read at its start is not known"),
        (recorded(WEB, "i0", INODES), "what it read at its start is not known"),
        (recorded(replace(WEB, digest="old"), "i1", INODES), "it runs from an older unit file"),
        (without("target /srv"), "it runs another release"),
        (without("inode 11"), f"{CURRENT.release} is built anew"),
        (without("inode 22"), f"{CURRENT.venv} is built anew"),
        (recorded(WEB, "i1", {**INODES, CURRENT.release: "10"}), f"{CURRENT.release} is built"),
        (recorded(WEB, "i1", {**INODES, CURRENT.venv: "20"}), f"{CURRENT.venv} is built anew"),
        (without(f"sha256 {'e' * 64}"), "it read another /etc/env"),
        (
            recorded(
                replace(WEB, reads=(READS[0], ServiceInput("/etc/sec", "0" * 64, secret=True))),
                "i1",
                INODES,
            ),
            "it read another /etc/sec",
        ),
        (
            recorded(replace(WEB, reads=(READS[0], replace(READS[1], secret=False))), "i1", INODES),
            "it read another /etc/sec",
        ),
    ],
)
def test_service_that_runs_anything_else_is_restarted_for_that_reason(
    record: set[str], reason: str
) -> None:
    (change,) = services.diff(DESCRIPTION, with_state(WELL, WEB, state(WEB, record)))
    assert change.target.name == WEB.unit
    assert change.reason.startswith(f"restarted: {reason}")
    assert (change.payload.start, change.payload.enable) == (change.reasons, ())


@pytest.mark.parametrize("service", [WEB, TIMER], ids=lambda service: service.unit)
@pytest.mark.parametrize("active", ["inactive", "failed", "activating", "deactivating"])
def test_services__what_does_not_run_is_started(service: Service, active: str) -> None:
    found = with_state(WELL, service, state(service, RECORD, active=active))
    assert reasons(found) == {service.unit: f"started: it is {active}"}


@pytest.mark.parametrize("service", [WEB, TIMER], ids=lambda service: service.unit)
@pytest.mark.parametrize("enabled", ["disabled", "", "masked", "static", "enabled-runtime"])
def test_services__what_would_not_start_at_boot_is_enabled_without_a_restart(
    service: Service, enabled: str
) -> None:
    was = WELL.states[service.unit]
    now = replace(was, properties={**was.properties, "UnitFileState": enabled})
    found = with_state(WELL, service, now)
    (change,) = services.diff(DESCRIPTION, found)
    assert change.reason == "enabled, so that it starts at boot"
    assert change.payload.start == ()


def test_services__what_systemd_does_not_know_is_enabled_and_started() -> None:
    found = with_state(WELL, WEB, None)
    assert reasons(found) == {
        WEB.unit: "enabled, so that it starts at boot; started: it is not there"
    }


def test_services__a_change_of_one_file_and_of_the_unit_are_both_named() -> None:
    record = {line for line in RECORD if not line.startswith(("unit", f"sha256 {'e' * 64}"))}
    found = with_state(WELL, WEB, state(WEB, record))
    assert reasons(found)[WEB.unit] == (
        "restarted: it runs from an older unit file; restarted: it read another /etc/env"
    )


@pytest.mark.parametrize(
    ("kind", "place"), [("releases", CURRENT.release), ("venvs", CURRENT.venv)]
)
def test_services__what_is_about_to_be_built_anew_is_known_in_the_plan(
    kind: str, place: str
) -> None:
    built = f"restarted: {place} is built anew"
    assert reasons(WELL, frozenset({Target(kind, place)})) == {WEB.unit: built}
    assert reasons(WELL, frozenset({Target("files", place)})) == {}


def test_services__the_first_release_and_a_later_one_are_told_apart() -> None:
    first = replace(WELL, links={})
    assert reasons(first)[CURRENT.path] == "switches to r1; first release"
    later = replace(WELL, links={CURRENT.path: "/srv/shop/releases/r0"})
    assert reasons(later)[CURRENT.path] == "switches to r1; was r0"
    assert [c.action for c in services.diff(DESCRIPTION, first)] == ["add"]
    assert [c.action for c in services.diff(DESCRIPTION, later)] == ["change"]


# The honest host: what a change does to it, by what a person reads in it.


def apply(actual: ServicesState, changes: Sequence[Change]) -> ServicesState:
    links, states = dict(actual.links), dict(actual.states)
    for change in changes:
        if isinstance(change.payload, CurrentLink):
            links[change.target.name] = change.payload.release
    inodes = {place: actual.inodes.get(place, "99") for place in PLACES}
    for change in changes:
        if not isinstance(change.payload, ServiceChange):
            continue
        service = change.payload.service
        before = states.get(service.unit, state(service, set(), "inactive", "disabled"))
        properties, record = dict(before.properties), before.record
        if change.payload.enable:
            properties["UnitFileState"] = "enabled"
        if change.payload.start:
            properties |= {"ActiveState": "active", "InvocationID": "new"}
            if service.digest:
                record = frozenset(recorded(service, "new", inodes))
        states[service.unit] = ServiceState(properties, record)
    return ServicesState(links, inodes, states, actual.key)


some_records = st.sets(
    st.sampled_from(
        sorted(RECORD | recorded(replace(WEB, digest="old"), "i0", dict.fromkeys(PLACES, "9")))
    )
)


@st.composite
def founds(draw: st.DrawFn) -> ServicesState:
    links = draw(st.sampled_from([{}, {CURRENT.path: "/x/r0"}, {CURRENT.path: CURRENT.release}]))
    inodes = {place: draw(st.sampled_from(["11", "22", "33"])) for place in PLACES}
    states = {}
    for service in (WEB, TIMER):
        if draw(st.booleans()):
            record = draw(st.one_of(st.just(RECORD), some_records)) if service.digest else set()
            active = draw(st.sampled_from(["active", "active", "failed", "inactive"]))
            enabled = draw(st.sampled_from(["enabled", "disabled", ""]))
            states[service.unit] = state(service, record, active, enabled)
    return ServicesState(links, inodes, states, KEY)


@given(founds())
def test_services__after_one_deploy_everything_runs_what_is_described(
    actual: ServicesState,
) -> None:
    changes = services.diff(DESCRIPTION, actual)
    after = apply(actual, changes)
    assert services.diff(DESCRIPTION, after) == []
    assert after.links == {CURRENT.path: CURRENT.release}
    for service in (WEB, TIMER):
        properties = after.states[service.unit].properties
        assert (properties["ActiveState"], properties["UnitFileState"]) == ("active", "enabled")


# What the host is told to do.

EMPTY = ServicesState({}, {}, {}, KEY)
BEGUN = SnapshotContext(deploy="20260101T000000Z-00000000")


def work(description: DesiredState, actual: ServicesState) -> dict[str, object]:
    """Return what the host's own program is told."""
    begun = replace(description, snapshot_context=BEGUN)
    (command,) = applying.apply(begun, actual, services.diff(begun, actual))
    assert isinstance(command, FunctionCommand)
    (request,) = command.args
    assert json.loads(json.dumps(request)) == request
    return dict(request)


def test_services__a_first_deploy_enables_and_starts_all_that_is_described() -> None:
    assert work(DesiredState("shop", (CURRENT, ONCE, WEB, TIMER)), EMPTY) == {
        "slots": False,
        "restart": [WEB.unit, TIMER.unit],
        "enable": [WEB.unit, TIMER.unit],
        "stop": [],
        "once": [{"unit": ONCE.unit, "record": ONCE.record}],
    }


def test_services__what_runs_in_slots_is_neither_stopped_nor_enabled() -> None:
    assert work(IN_SLOTS, EMPTY) == {
        "slots": True,
        "restart": [TIMER.unit],
        "enable": [TIMER.unit],
        "stop": [],
        "once": [],
    }


def test_services__a_switch_alone_is_work_of_its_own() -> None:
    found = replace(WELL, links={})
    nothing: dict[str, object] = {"restart": [], "enable": [], "stop": [], "once": []}
    assert work(DESCRIPTION, found) == {"slots": False, **nothing}


@pytest.mark.parametrize("before", ["r0", None])
def test_services__a_laptop_has_links_to_switch_and_nothing_else(
    tmp_path: Path, before: str | None
) -> None:
    current = CurrentLink(f"{tmp_path}/current", f"{tmp_path}/r1", f"{tmp_path}/v1")
    if before:
        (tmp_path / "current").symlink_to(before)
    description = DesiredState("shop", (current,), SnapshotContext(ledgers=f"{tmp_path}/own"))
    (command,) = applying.apply(description, EMPTY, services.diff(description, EMPTY))
    assert run_command(command).returncode == 0
    assert str((tmp_path / "current").readlink()) == f"{tmp_path}/r1"
    assert [path.name for path in tmp_path.iterdir()] == ["current"]


def test_services__what_runs_once_is_named_until_its_record_is_there() -> None:
    description = DesiredState("shop", (ONCE,))
    (change,) = services.diff(description, EMPTY)
    assert (change.target.name, change.reason) == (ONCE.unit, f"runs once: {ONCE.command}")
    assert services.diff(description, replace(EMPTY, done=frozenset({ONCE.record}))) == []
    assert services.diff(description, replace(EMPTY, done=frozenset({"/other"}))) == [change]


# Slots.


def serving(slot: str | None, record: set[str], active: str = "active") -> ServicesState:
    states = {TIMER.unit: state(TIMER, set())}
    if slot:
        unit = API.instance(slot)
        states[unit] = state(replace(API, unit=unit), record, active, enabled="static")
    return ServicesState({CURRENT.path: CURRENT.release}, INODES, states, KEY, slot=slot)


API_RECORD = recorded(API, "i1", INODES)


@pytest.mark.parametrize("slot", ["a", "b"])
def test_services__a_process_in_slots_is_what_the_serving_slot_runs(slot: str) -> None:
    assert services.diff(IN_SLOTS, serving(slot, API_RECORD)) == []


@pytest.mark.parametrize(("slot", "other"), [("a", "b"), ("b", "a")])
def test_services__another_generation_starts_in_the_other_slot_and_the_plan_says_so(
    slot: str, other: str
) -> None:
    found = serving(slot, recorded(replace(API, digest="old"), "i1", INODES))
    (change,) = services.diff(IN_SLOTS, found)
    assert change.target.name == API.unit
    assert change.reason == (
        f"it runs from an older unit file; new generation in slot {other}; no gap"
    )
    assert not change.payload.leaves_a_gap


@pytest.mark.parametrize("active", ["failed", "inactive"])
def test_services__where_nothing_serves_there_is_no_word_of_a_gap(active: str) -> None:
    for found in (serving(None, set()), serving("a", API_RECORD, active)):
        (change,) = services.diff(IN_SLOTS, found)
        assert change.reason.startswith("started: it is ")
        assert "; new generation in slot " in change.reason
        assert "no gap" not in change.reason


def test_services__what_runs_alone_and_is_restarted_leaves_a_gap() -> None:
    found = with_state(WELL, WEB, state(WEB, without("invocation")))
    (change,) = services.diff(DESCRIPTION, found)
    assert change.payload.leaves_a_gap
    (change,) = services.diff(DESCRIPTION, with_state(WELL, WEB, state(WEB, RECORD, "failed")))
    assert not change.payload.leaves_a_gap


def test_services__what_left_the_description_and_still_runs_in_the_slot_is_stopped() -> None:
    found = serving("a", API_RECORD)
    unit = "shop-old@a.service"
    old = ServiceState({**found.states[TIMER.unit].properties, "Id": unit}, frozenset())
    found = replace(found, slot_units=(API.instance("a"), unit), states={**found.states, unit: old})
    (change,) = services.diff(IN_SLOTS, found)
    assert (change.action, change.target.name) == ("remove", unit)
    assert work(IN_SLOTS, found)["stop"] == [unit]
    stopped = replace(old, properties={**old.properties, "ActiveState": "inactive"})
    found = replace(found, states={**found.states, unit: stopped})
    assert services.diff(IN_SLOTS, found) == []


@pytest.mark.parametrize(
    ("memory", "total", "size", "fits"),
    [
        (100 * 1024, 200 * 1024, "100M", True),
        (100 * 1024 - 1, 200 * 1024, "100M", False),
        (100 * 1024, 200 * 1024, "50%", True),
        (100 * 1024, 200 * 1024, "51%", False),
        (1, 200 * 1024, None, True),
        (None, 0, "4G", True),
    ],
)
def test_services__a_second_slot_that_does_not_fit_is_refused_with_its_mend(
    memory: int | None, total: int, size: str | None, fits: bool
) -> None:
    description = DesiredState("shop", (CURRENT, replace(API, memory=size)))
    found = replace(serving("a", set()), memory=memory, total=total)
    plan = services.diff(description, found)
    if fits:
        assert services.check_plan(description, found, plan) == []
        return
    with pytest.raises(
        PreconditionError, match=r"a second slot may need 10\d MiB, and .* strategy: recreate"
    ):
        services.check_plan(description, found, plan)
    # Where none is to be started there is no need of any.
    assert services.check_plan(description, found, []) == []
    first = replace(serving(None, set()), memory=memory, total=total)
    assert services.check_plan(description, first, services.diff(description, first)) == []


def test_services__a_unit_of_the_application_that_has_failed_is_said_and_no_obstacle() -> None:
    failed = state(Service("shop-tidy.service"), set(), "failed")
    found = replace(WELL, states={**WELL.states, "shop-tidy.service": failed})
    (warning,) = services.check_plan(DESCRIPTION, found, [])
    assert (
        warning == "shop-tidy.service has failed: `journalctl -u shop-tidy.service` there says why"
    )
    assert services.check_plan(DESCRIPTION, WELL, []) == []
