"""What a host says of deploys is read without a program, and what forbids one is found at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, Plan, PreconditionError
from homeport.hostctl.protocol import Now
from homeport.operations.hostctl import apply, kind, preflight
from homeport.operations.hostctl.deploy_state import DeployState
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.services.resources import ServiceChange
from tests.support.changes import Why, change
from tests.support.deploy_states import BOOT, LEASE, NOW, OPEN, Facts, process, situation
from tests.support.sample_app import RELEASE, TIMER, WEB

WALL = NOW.now.wall
PLAN = [change("add", "anything", "missing", None)]
GUARD = HostProgram("shop")
SHOP = DesiredState("shop", (GUARD,))


def judged(actual: DeployState, plan: Plan = PLAN, guard: HostProgram = GUARD) -> Sequence[str]:
    description = DesiredState("shop", (guard, RELEASE))
    return kind.check_plan(description, HostProgramState(True, True, actual), plan)


def refused(actual: DeployState, guard: HostProgram = GUARD) -> str:
    with pytest.raises(PreconditionError) as caught:
        judged(actual, guard=guard)
    return str(caught.value)


def test_preflight__somebody_elses_deploy_forbids_ours_and_says_whose_it_is() -> None:
    message = refused(situation(lease=LEASE, process=process(70)))
    assert message.startswith(
        "ann@laptop is at work on it since 2026-01-01T00:00:00Z (deploy of shop"
    )
    assert f"`sudo homeportctl revert shop {LEASE['id']} 'it hangs'`" in message


def test_preflight__our_own_deploy_forbids_none_of_its_later_phases(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preflight, "BEGUN", {LEASE["id"]})
    assert judged(situation(lease=LEASE, process=process(70))) == []


@pytest.mark.parametrize(
    ("lock", "shown"),
    [
        ({"who": "bob", "reason": "Friday", "until": None}, "it is locked by bob: Friday; "),
        ({"who": "bob", "reason": "Friday", "until": WALL + 9}, "it is locked by bob until 20"),
        ({}, "it is locked by unknown: no reason is given"),
        (
            {"until": 1, "for": 101, "moment": {"boot": BOOT, "mono": 900.0}, "reason": "x"},
            "it is locked by unknown until 1970-01-01 00:00 UTC: x",
        ),
    ],
)
def test_preflight__a_lock_forbids_a_deploy_and_says_who_why_and_until_when(
    lock: Facts, shown: str
) -> None:
    message = refused(situation(lock=lock))
    assert message.startswith(shown)
    assert "`sudo homeportctl unlock` there" in message


@pytest.mark.parametrize(
    "lock",
    [
        {"until": WALL - 9},
        {"until": WALL + 9999, "for": 100, "moment": {"boot": BOOT, "mono": 900.0}},
    ],
)
def test_preflight__a_lock_whose_time_is_up_forbids_nothing(lock: Facts) -> None:
    assert judged(situation(lock=lock)) == []


def test_preflight__where_nothing_is_to_be_changed_they_are_said_and_forbid_nothing() -> None:
    warnings = judged(situation(lock={}, lease=LEASE, process=process(70)), plan=[])
    assert len(warnings) == 2


def test_preflight__all_that_forbids_is_found_at_once() -> None:
    message = refused(situation(lock={}, lease=LEASE, process=process(70), active=("rubbish",)))
    assert all(
        part in message for part in ("it is locked", "is at work", "it is unknown what runs")
    )


def test_preflight__a_deploy_that_was_cut_off_is_put_back_first_and_the_plan_says_so() -> None:
    found = HostProgramState(True, True, situation(lease=LEASE, journal=OPEN))
    (change,) = kind.diff(SHOP, found)
    assert (change.action, change.target.name) == ("remove", "/var/lib/homeport/shop/journal")
    assert change.reason == (
        "a deploy by ann@laptop was cut off, writing; what it changed is put back first"
    )
    (command,) = apply.apply(SHOP, found, [change])
    line = str(command)
    assert "revert shop x --if-gone 'it was cut off'" in line
    assert "3|4|5) ;;" in line


@pytest.mark.parametrize(
    "active",
    [
        ("slot a", "generation 012345abcdef", "release /srv/shop/releases/x"),
        ("slot -", "generation 012345abcdef", "release /srv/shop/releases/x", "data 1"),
        (),
    ],
)
def test_preflight__a_pointer_that_homeport_wrote_is_no_obstacle(active: tuple[str, ...]) -> None:
    assert judged(situation(active=active)) == []


@pytest.mark.parametrize(
    "active",
    [
        ("slot c", "generation 1", "release /x"),
        ("slot a", "generation 1"),
        ("slot a", "generation", "release /x"),
        ("\x01\x02",),
    ],
)
def test_preflight__a_pointer_that_nobody_can_read_is_refused_even_if_nothing_changes(
    active: tuple[str, ...],
) -> None:
    for plan in (PLAN, []):
        with pytest.raises(PreconditionError, match="shop/active is damaged"):
            judged(situation(active=active), plan)


def test_preflight__what_became_of_the_last_deploy_is_said_if_it_was_reverted() -> None:
    last = {"outcome": "reverted", "what": "deploy", "who": "ann@laptop", "when": "2026-01-01"}
    last["reason"] = "its connection was gone"
    (warning,) = judged(situation(last=last))
    message = "the last deploy (ann@laptop, 2026-01-01) was reverted: its connection was gone"
    assert warning == message
    assert judged(situation(last={**last, "outcome": "confirmed"})) == []


@pytest.mark.parametrize(("off", "word"), [(3 * 86400 + 9, "ahead"), (-3 * 86400 - 9, "behind")])
def test_preflight__a_clock_that_is_far_off_is_said(off: int, word: str) -> None:
    (warning,) = judged(DeployState(Now(BOOT, 1.0, int(time.time()) + off)))
    assert warning.endswith(f": 3 days {word} of this one's")
    assert judged(DeployState(Now(BOOT, 1.0, int(time.time()) + off // 4))) == []


def test_preflight__code_that_came_before_what_runs_is_refused_unless_that_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queries: list[tuple[object, ...]] = []
    answers: dict[str, bool | None] = {"e" * 40: True, "d" * 40: False, "9" * 40: None}

    def descends(repository: Path, commit: str, ancestor: str) -> bool | None:
        queries.append((repository, ancestor))
        return answers[commit]

    monkeypatch.setattr(preflight, "git_descends", descends)
    ours = RELEASE.artifact.commit
    guard = HostProgram("shop", Path("/code"))
    message = refused(situation(confirmed={"commit": "e" * 40}), guard)
    assert message.startswith(f"it runs commit {'e' * 12}, which came after {str(ours)[:12]}")
    assert "--data allow_downgrade=yes" in message
    assert queries == [(Path("/code"), ours)]
    for commit in ("d" * 40, "9" * 40, ours, None):
        assert judged(situation(confirmed={"commit": commit}), guard=guard) == []
    newer = situation(confirmed={"commit": "e" * 40})
    assert judged(newer, guard=HostProgram("shop", Path("/code"), allow_downgrade=True)) == []
    assert judged(newer, guard=HostProgram("shop")) == []
    assert len(queries) == 3


def test_preflight__the_plan_counts_who_is_not_there_meanwhile_and_how_long_that_took_before() -> (
    None
):
    work = ServiceChange(WEB, (Why.SAYS("x"),), (), runs=True)
    timer = ServiceChange(TIMER, (Why.SAYS("x"),), (), runs=True)
    plan = [change("change", each.service.unit, "x", each) for each in (work, timer)]
    assert judged(NOW, plan) == ["unavailable between stop and start: shop-web.service"]
    found = situation(confirmed={"stages": {"restarted": 2.6}})
    assert judged(found, plan) == [
        "unavailable between stop and start: shop-web.service; the last time that took 3 s"
    ]


@pytest.mark.parametrize(
    "commit",
    ["HEAD", "main", "-x", "a" * 39, "A" * 40, f"{'a' * 40}\n", "x\0", "y" * 10**6, 7, ["a"]],
)
def test_preflight__what_is_no_commit_is_refused_before_git_sees_it(
    commit: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "git_descends", lambda *words: pytest.fail(f"git {words}"))
    guard = HostProgram("shop", tmp_path)
    message = refused(situation(confirmed={"commit": commit}), guard)
    assert "its history names a commit that is none: " in message
    assert "--data allow_downgrade=yes" in message
    assert len(message) < 300
    assert judged(situation(confirmed={"commit": commit}), plan=[], guard=guard)
    free = HostProgram("shop", tmp_path, allow_downgrade=True)
    assert judged(situation(confirmed={"commit": commit}), guard=free) == []
