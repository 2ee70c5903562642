"""What a host says of deploys is read without a program, and what forbids one is found at once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from homeport.engine.kind import Change, DesiredState, PreconditionError, ProbeError, ProbeOutput
from homeport.hostctl.protocol import Now, Stat
from homeport.operations.hostctl import deploy_state as situations
from homeport.operations.hostctl import kind as guards
from homeport.operations.hostctl import preflight
from homeport.operations.hostctl.deploy_state import DeployState
from homeport.operations.hostctl.kind import HostProgram, HostProgramState
from homeport.operations.services.resources import ServiceChange
from tests.unit.engine.shell import SHELLS, checked
from tests.unit.operations.samples import RELEASE, TIMER, WEB

Told = dict[str, Any]
BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
NOW = DeployState(Now(BOOT, 1000.0, int(time.time())))
WALL = NOW.now.wall
LEASE = {
    "id": "20260101T000000Z-00000000",
    "app": "shop",
    "who": "ann@laptop",
    "what": "deploy",
    "since": "2026-01-01T00:00:00Z",
    "holder": {"pid": 7, "start": 70},
    "moment": {"boot": BOOT, "mono": 900.0},
    "ttl": 900,
}
OPEN = ({"state": "armed", "id": "x", "who": "ann@laptop", "what": "deploy"}, {"state": "writing"})
PLAN = [Change("add", "anything", "missing")]
GUARD = HostProgram("shop")
SHOP = DesiredState("shop", (GUARD,))


def process(start: int, state: str = "S") -> Stat:
    return Stat("sshd", state, 1, start)


def situation(**told: Any) -> DeployState:
    return DeployState(NOW.now, **told)


def judged(
    actual: DeployState, plan: Sequence[Change] = PLAN, guard: HostProgram = GUARD
) -> Sequence[str]:
    description = DesiredState("shop", (guard, RELEASE))
    return guards.check_plan(description, HostProgramState(True, True, actual), plan)


def refused(actual: DeployState, guard: HostProgram = GUARD) -> str:
    with pytest.raises(PreconditionError) as caught:
        judged(actual, guard=guard)
    return str(caught.value)


# What the shell tells.


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(situations, "STATE", str(tmp_path))
    (tmp_path / "shop").mkdir()
    return tmp_path


def told(shell: Sequence[str] = ("sh",)) -> DeployState:
    text = checked(situations.probe("shop"), shell)
    return situations.parse(text.splitlines())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_host_that_was_never_deployed_to_tells_its_clocks_and_nothing_else(
    shell: Sequence[str], state: Path
) -> None:
    found = told(shell)
    assert found.now.boot == BOOT
    assert found.now.uptime > 0
    assert abs(found.now.wall - time.time()) < 60
    assert found == DeployState(found.now)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("compact", [True, False])
def test_all_of_it_is_told_and_the_holder_is_looked_up(
    shell: Sequence[str], compact: bool, state: Path
) -> None:
    between = (",", ":") if compact else (", ", ": ")

    def line(record: Mapping[str, Any]) -> str:
        return json.dumps(record, sort_keys=True, separators=between) + "\n"

    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    lease = {**LEASE, "holder": {"pid": os.getpid(), "start": start}}
    (state / "lease").write_text(line(lease))
    (state / "lock").write_text(line({"who": "bob", "reason": "it's Friday", "until": 5}))
    steps = [*OPEN, {"state": "activating"}]
    (state / "shop/deploy").write_text("".join(map(line, steps)) + '{"state": "sta')
    ended = [{"outcome": "confirmed", "commit": "c1"}, {"outcome": "reverted"}, {"outcome": "x"}]
    (state / "shop/history").write_text("".join(map(line, ended)) + '{"outco')
    (state / "shop/active").write_text("slot a\ngeneration 1 2\n")
    found = told(shell)
    assert found.lease == lease
    assert found.process is not None
    assert found.process.start == start
    assert found.lock == {"who": "bob", "reason": "it's Friday", "until": 5}
    assert [record["state"] for record in found.journal] == ["armed", "activating"]
    assert (found.last, found.confirmed) == (ended[2], ended[0])
    assert found.active == ("slot a", "generation 1 2")


def test_a_holder_that_is_gone_has_no_start(state: Path) -> None:
    (state / "lease").write_text(json.dumps({**LEASE, "holder": {"pid": 4194304, "start": 1}}))
    assert told().process is None
    (state / "lease").write_text(json.dumps({**LEASE, "holder": None}))
    assert told().process is None


@pytest.mark.parametrize("text", ["", "rubbish", "now\t1 2", "now\tboot x y"])
def test_an_answer_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, LookupError)):
        situations.parse(text.splitlines())


# What is made of it.


@pytest.mark.parametrize(
    ("lease", "holder", "held"),
    [
        ({}, process(70), True),
        ({}, process(71), False),
        ({}, process(70, "Z"), False),
        ({}, None, False),
        ({"holder": None}, None, True),
        ({"moment": {"boot": BOOT, "mono": 101.0}}, process(70), True),
        ({"moment": {"boot": BOOT, "mono": 100.0}}, process(70), False),
        ({"moment": {"boot": "another", "mono": 900.0}}, process(70), False),
        ({"moment": None}, process(70), False),
    ],
)
def test_a_lease_is_held_while_its_holder_is_there_and_has_time_left(
    lease: Told, holder: Stat | None, held: bool
) -> None:
    found = situation(lease={**LEASE, **lease}, process=holder, journal=OPEN)
    assert found.is_held is held
    assert found.is_cut_off is not held


def test_a_deploy_that_goes_on_has_time_left_from_its_last_step() -> None:
    old = {**LEASE, "moment": {"boot": BOOT, "mono": 0.0}}
    first = {**OPEN[0], "id": LEASE["id"], "ttl": 900}
    step = {"state": "writing", "moment": {"boot": BOOT, "mono": 999.0}}
    assert situation(lease=old, process=process(70), journal=(first, step)).is_held
    assert not situation(lease=old, process=process(70), journal=(first, OPEN[1])).is_held


def test_a_deploy_of_another_application_is_held_by_its_own_steps_and_not_by_ours(
    state: Path,
) -> None:
    (state / "blog").mkdir()
    boot, uptime = told().now[:2]
    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    began = {"boot": boot, "mono": uptime - 0.5}
    lease = {**LEASE, "app": "blog", "moment": began, "ttl": 0.1}
    lease["holder"] = {"pid": os.getpid(), "start": start}
    theirs = {"state": "armed", "id": LEASE["id"], "ttl": 900, "moment": began}
    ours = {**theirs, "id": "another"}
    (state / "lease").write_text(json.dumps(lease))
    (state / "shop/deploy").write_text(json.dumps(ours) + "\n")
    assert not told().is_held
    assert told().is_cut_off
    (state / "blog/deploy").write_text(f"{json.dumps(theirs)}\n{json.dumps(theirs)}\n")
    assert told().is_held
    # Whatever that name is, nothing else is read for it.
    (state / "lease").write_text(json.dumps({**lease, "app": "../blog"}))
    assert not told().is_held


def test_somebody_elses_deploy_forbids_ours_and_says_whose_it_is() -> None:
    told = refused(situation(lease=LEASE, process=process(70)))
    assert told.startswith("ann@laptop is at work on it since 2026-01-01T00:00:00Z (deploy of shop")
    assert f"`sudo homeport revert shop {LEASE['id']} 'it hangs'`" in told


@pytest.mark.parametrize(
    ("lock", "shown"),
    [
        ({"who": "bob", "reason": "Friday", "until": None}, "it is locked by bob: Friday; "),
        ({"who": "bob", "reason": "Friday", "until": WALL + 9}, "it is locked by bob until 20"),
        ({}, "it is locked by somebody: no reason is given"),
        (
            {"until": 1, "for": 101, "moment": {"boot": BOOT, "mono": 900.0}, "reason": "x"},
            "it is locked by somebody until 1970-01-01 00:00 UTC: x",
        ),
    ],
)
def test_a_lock_forbids_a_deploy_and_says_who_why_and_until_when(lock: Told, shown: str) -> None:
    told = refused(situation(lock=lock))
    assert told.startswith(shown)
    assert "`sudo homeport unlock` there" in told


@pytest.mark.parametrize(
    "lock",
    [
        {"until": WALL - 9},
        {"until": WALL + 9999, "for": 100, "moment": {"boot": BOOT, "mono": 900.0}},
    ],
)
def test_a_lock_whose_time_is_up_forbids_nothing(lock: Told) -> None:
    assert judged(situation(lock=lock)) == []


def test_where_nothing_is_to_be_changed_they_are_said_and_forbid_nothing() -> None:
    said = judged(situation(lock={}, lease=LEASE, process=process(70)), plan=[])
    assert len(said) == 2


def test_all_that_forbids_is_found_at_once() -> None:
    told = refused(situation(lock={}, lease=LEASE, process=process(70), active=("rubbish",)))
    assert all(part in told for part in ("it is locked", "is at work", "nobody can tell what runs"))


def test_a_deploy_that_was_cut_off_is_put_back_first_and_the_plan_says_so() -> None:
    found = HostProgramState(True, True, situation(lease=LEASE, journal=OPEN))
    (change,) = guards.diff(SHOP, found)
    assert (change.action, change.target) == ("remove", "/var/lib/homeport/shop/deploy")
    assert change.reason == (
        "a deploy by ann@laptop was cut off, writing; what it changed is put back first"
    )
    (command,) = guards.apply(SHOP, found, [change])
    line = str(command)
    assert "revert shop x 'it was cut off'" in line
    assert "3|4|5) ;;" in line


@pytest.mark.parametrize(
    "active",
    [
        ("slot a", "generation 012345abcdef", "release /srv/shop/releases/x"),
        ("slot -", "generation 012345abcdef", "release /srv/shop/releases/x", "data 1"),
        (),
    ],
)
def test_a_pointer_that_homeport_wrote_is_no_obstacle(active: tuple[str, ...]) -> None:
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
def test_a_pointer_that_nobody_can_read_is_refused_even_if_nothing_changes(
    active: tuple[str, ...],
) -> None:
    for plan in (PLAN, []):
        with pytest.raises(PreconditionError, match="shop/active is not as homeport writes it"):
            judged(situation(active=active), plan)


def test_what_became_of_the_last_deploy_is_said_if_it_was_reverted() -> None:
    last = {"outcome": "reverted", "what": "deploy", "who": "ann@laptop", "when": "2026-01-01"}
    last["reason"] = "its connection was gone"
    (said,) = judged(situation(last=last))
    told = "the last deploy (ann@laptop, 2026-01-01) was reverted: its connection was gone"
    assert said == told
    assert judged(situation(last={**last, "outcome": "confirmed"})) == []


@pytest.mark.parametrize(("off", "word"), [(3 * 86400 + 9, "ahead"), (-3 * 86400 - 9, "behind")])
def test_a_clock_that_is_far_off_is_said(off: int, word: str) -> None:
    (said,) = judged(DeployState(Now(BOOT, 1.0, int(time.time()) + off)))
    assert said.endswith(f": 3 days {word} of this one's")
    assert judged(DeployState(Now(BOOT, 1.0, int(time.time()) + off // 4))) == []


def test_code_that_came_before_what_runs_is_refused_unless_that_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[object, ...]] = []
    answers: dict[str, bool | None] = {"e" * 40: True, "d" * 40: False, "9" * 40: None}

    def descends(repository: Path, commit: str, ancestor: str) -> bool | None:
        asked.append((repository, ancestor))
        return answers[commit]

    monkeypatch.setattr(preflight, "git_descends", descends)
    ours = RELEASE.artifact.commit
    guard = HostProgram("shop", Path("/code"))
    told = refused(situation(confirmed={"commit": "e" * 40}), guard)
    assert told.startswith(f"it runs commit {'e' * 12}, which came after {str(ours)[:12]}")
    assert "--data allow_older=yes" in told
    assert asked == [(Path("/code"), ours)]
    for commit in ("d" * 40, "9" * 40, ours, None):
        assert judged(situation(confirmed={"commit": commit}), guard=guard) == []
    newer = situation(confirmed={"commit": "e" * 40})
    assert judged(newer, guard=HostProgram("shop", Path("/code"), allow_older=True)) == []
    assert judged(newer, guard=HostProgram("shop")) == []
    assert len(asked) == 3


def test_the_plan_counts_who_is_not_there_meanwhile_and_how_long_that_took_before() -> None:
    work = ServiceChange(WEB, ("restarted: x",), (), runs=True)
    timer = ServiceChange(TIMER, ("started: x",), (), runs=True)
    plan = [Change("change", each.service.unit, "x", desired=each) for each in (work, timer)]
    assert judged(NOW, plan) == ["not there between stop and start: shop-web.service"]
    found = situation(confirmed={"stages": {"restarted": 2.6}})
    assert judged(found, plan) == [
        "not there between stop and start: shop-web.service; the last time that took 3 s"
    ]


def test_rubbish_of_the_probe_fails_the_host(state: Path) -> None:
    with pytest.raises((ProbeError, ValueError, LookupError)):
        guards.parse(ProbeOutput("there\nnow\t1", ""))
