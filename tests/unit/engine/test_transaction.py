"""What engine.transaction promises."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from pyinfra.operations import server

from homeport.engine import hostctl_client
from homeport.engine.begun import BEGUN
from homeport.engine.transaction import DeployTransaction
from homeport.ssh import connection
from tests.support.fake_hostctl import Guarding
from tests.support.guarded_deploy import Late, Start, deploy, late, start
from tests.support.host_folders import Fleet
from tests.support.real_delivery import as_root

__all__ = ["late", "start"]


pytestmark = as_root


def test_what_is_to_be_kept_is_kept_before_anything_is_written_and_nothing_is_if_it_cannot_be(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a")
    guarding.fails("snapshot", 3, "deploy isn't open")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert not wanted.exists()
    assert not (wanted.parent / "var").exists()
    assert [call.split()[0] for call in guarding.calls()] == ["begin", "snapshot", "revert"]


def test_transaction__where_nothing_is_to_be_changed_no_command_is_run(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a")
    deploy(fleet, late)
    fleet.root = guarding.root = wanted.parent / "again"
    fleet.root.mkdir()
    wanted = start("a")
    (fleet.root / "a/late").touch()
    deploy(fleet, late)
    assert (guarding.calls(), len(fleet.probes["a"]), fleet.commands["a"]) == ([], 1, [])


def test_transaction__what_an_operation_of_somebodys_own_makes_due_begins_the_deploy_late(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a")
    deploy(fleet, late)
    fleet.root = guarding.root = wanted.parent / "again"
    fleet.root.mkdir()
    wanted = start("a")
    (fleet.root / "a/late").touch()
    deploy(fleet, late, lambda: fleet.add(server.shell, commands=["rm late"], name="Theirs"))
    assert fleet.failed() == set()
    assert guarding.calls() == ["begin shop", "confirm shop"]
    assert (fleet.root / "a/late").exists()
    # For the plan, and after their operation.
    assert len(fleet.probes["a"]) == 2


def test_transaction__a_host_without_a_guard_is_changed_without_a_word_to_it(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a", guard=False)
    deploy(fleet, late)
    assert fleet.failed() == set()
    assert wanted.exists()
    assert guarding.calls() == []


def test_transaction__after_a_take_over_the_host_is_looked_at_again(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    start("a")
    guarding.says("begin", "took over from ann@laptop: its connection is gone\n")
    deploy(fleet, late)
    assert fleet.failed() == set()
    assert "took over from ann@laptop" in caplog.text
    assert len(fleet.probes["a"]) == 3


def test_transaction__a_host_that_refuses_to_begin_is_left_as_it_is(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = start("a")
    guarding.fails("begin", 3, "there is a deploy of shop by bob")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert not wanted.exists()
    assert "deploy refused: there is a deploy of shop by bob" in caplog.text
    assert "reverted" not in caplog.text
    assert guarding.calls() == ["begin shop"]


@pytest.mark.parametrize("held", [True, False])
def test_transaction__the_host_hears_whether_the_login_lasts(
    monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(connection, "hold", lambda host: held)
    monkeypatch.setattr(hostctl_client, "ask", lambda *arguments: sent.append(arguments[-1]))
    DeployTransaction("shop", "d1", {}).begin(cast("Any", None), {})
    BEGUN.discard("d1")
    assert [json.loads(request)["held"] for request in sent] == [held]


def test_transaction__the_same_changes_are_the_same_plan(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a", "b", "c")
    (fleet.root / "c/late").touch()
    deploy(fleet, late)
    a, b, c = (json.loads(guarding.sent("begin", host))["plan"] for host in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("code", "outcome", "value"),
    [
        (0, "reverted", "reverted: @fake/a runs what it ran before"),
        (3, "reverted", "reverted: @fake/a runs what it ran before"),
        (4, "reverted", "reverted: @fake/a runs what it ran before"),
        (5, "confirmed", "not reverted: @fake/a has confirmed it, and runs what was deployed"),
        (
            1,
            "reverted",
            "not reverted: @fake/a says: the disk is full; "
            "`homeportctl status shop` there tells more",
        ),
    ],
)
def test_transaction__revert_is_told_by_how_the_host_ended(
    fleet: Fleet, guarding: Guarding, code: int, outcome: str, value: str
) -> None:
    fleet.start("a")
    if code:
        guarding.fails("revert", code, "the disk is full")
    attempt = DeployTransaction("shop", "d1", {})
    assert attempt.revert(fleet.host("a"), "it failed") == value
    assert attempt.outcome == outcome
    assert guarding.calls() == ["revert shop d1 -"]
    assert guarding.sent("revert") == "it failed\n"


def test_transaction__host_that_cannot_be_told_to_revert_does_so_by_itself(
    fleet: Fleet, guarding: Guarding
) -> None:
    fleet.start("a")
    fleet.deaf["a"] = "Broken pipe"
    attempt = DeployTransaction("shop", "d1", {})
    assert attempt.revert(fleet.host("a"), "it failed") == (
        "@fake/a can't be asked to revert (Broken pipe); it reverts by itself"
    )
    assert attempt.outcome == "reverted"
