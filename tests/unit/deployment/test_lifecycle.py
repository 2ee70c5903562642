"""A deploy begins before it writes, and is confirmed anew or reverted, whatever fails."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from homeport.deployment import lifecycle
from homeport.engine import rollback_on_failure, transaction
from homeport.engine import run as session
from homeport.engine.kind import DesiredState
from homeport.hostctl.system import exit_codes
from homeport.operations import files
from homeport.operations.hostctl.resources import HostProgram
from homeport.ssh import connection
from tests.support.fake_hostctl import Guarding
from tests.support.guarded_deploy import REVERTED, Late, Start, deploy, late, run, start
from tests.support.host_folders import Fleet
from tests.support.real_delivery import as_root
from tests.support.sample_app import RELEASE

__all__ = ["late", "start"]


pytestmark = as_root


def test_lifecycle__a_deploy_is_begun_once_kept_before_it_writes_and_confirmed_at_the_end(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a")
    deploy(fleet, late)
    assert fleet.failed() == set()
    ledger = f"{wanted.parent}/var/shop"
    assert guarding.calls() == [
        "begin shop",
        f"snapshot shop {ledger} {ledger}/files {wanted}",
        "confirm shop",
    ]
    # Begin is nothing that a look could see: there is one for the plan, and one after the files.
    assert len(fleet.probes["a"]) == 2
    request = json.loads(guarding.sent("begin"))
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", request.pop("id"))
    assert re.fullmatch("[0-9a-f]{64}", request.pop("plan"))
    assert "@" in request.pop("who")
    artifact = RELEASE.artifact
    assert request == {"what": "deploy", "ttl": 900, "commit": artifact.commit, "dirty": False}


def test_lifecycle__a_preparing_pass_begins_nothing_and_says_that_it_would(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    fleet.add(lifecycle.confirm)
    assert guarding.calls() == []
    meta = fleet.state.get_meta_for_host(fleet.host("a"))
    assert (meta.ops, meta.ops_change) == (3, 3)


def test_lifecycle__neither_of_them_is_taken_for_an_ordinary_operation(
    fleet: Fleet, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    start("a")
    deploy(fleet, late)
    assert "not predicted" not in caplog.text


def test_a_host_that_cannot_be_confirmed_is_told_to_revert_over_the_connection_that_is_there(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    guarding.fails("confirm", 3, "it isn't open any more")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-2:] == ["confirm shop", "revert shop -"]
    assert guarding.sent("revert") == "Confirm failed: it isn't open any more\n"
    assert "could not confirm over a new connection: it isn't open any more" in caplog.text
    assert REVERTED in caplog.text


def test_lifecycle__a_new_connection_that_cannot_be_made_is_no_confirmation(
    fleet: Fleet,
    guarding: Guarding,
    late: Late,
    start: Start,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start("a")
    tries: list[object] = []

    def closed(*arguments: object, **named: object) -> None:
        tries.append(arguments)
        raise OSError("Connection refused")

    monkeypatch.setattr(connection, "run_anew", closed)
    monkeypatch.setattr(transaction, "PAUSE", 0)
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-1] == "revert shop -"
    assert "could not confirm over a new connection: Connection refused" in caplog.text
    assert len(tries) == transaction.TRIES


def test_lifecycle__a_host_that_cannot_be_told_reverts_by_itself_and_that_is_said(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    late.command = "[ ! -f breaks ]"
    (fleet.root / "a/breaks").touch()

    def cut() -> None:
        fleet.deaf["a"] = "Broken pipe"

    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    fleet.add(late.converge(), name="Late")
    answer = fleet.answer

    def answer_until_late(host: Any, command: Any, **arguments: Any) -> Any:
        if "touch late" in command.get_raw_value():
            cut()
        return answer(host, command, **arguments)

    fleet.answer = answer_until_late  # type: ignore[method-assign] # of this fleet alone
    run(fleet)
    assert "@fake/a can't be asked to revert (Broken pipe); it reverts by itself" in caplog.text


def test_lifecycle__a_host_that_cannot_revert_says_so(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    late.command = "false"
    guarding.fails("revert", 1, "the disk is gone")
    deploy(fleet, late)
    assert "not reverted: @fake/a says: the disk is gone" in caplog.text
    assert "reverted: @fake/a runs" not in caplog.text


def test_lifecycle__a_confirmation_whose_answer_was_lost_is_no_revert(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    guarding.fails("confirm", 255, "")
    # Whatever it says: what it came to is told by the exit code alone.
    guarding.fails("revert", exit_codes.ALREADY_CONFIRMED, "homeportctl: 1 is final")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert "not reverted: @fake/a has confirmed it, and runs what was deployed" in caplog.text
    assert not rollback_on_failure.revert_all(fleet.state)


def test_lifecycle__a_revert_that_is_refused_is_no_confirmation_whatever_words_it_has(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    late.command = "false"
    guarding.fails(
        "revert", exit_codes.REFUSED, "homeportctl: deploy 1 isn't open; deploy 2 is confirmed"
    )
    deploy(fleet, late)
    assert "has confirmed it" not in caplog.text
    assert REVERTED in caplog.text


def test_lifecycle__without_the_preparing_pass_it_is_all_the_same(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a", check_for_changes=False)
    deploy(fleet, late)
    assert [call.split()[0] for call in guarding.calls()] == ["begin", "snapshot", "confirm"]
    assert len(fleet.probes["a"]) == 2


def test_lifecycle__a_deploy_whose_kinds_do_not_guard_it_is_one_message(
    fleet: Fleet, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    kinds = (files.KIND, late.kind)
    fleet.on_each(lambda: session.start_run(kinds, DesiredState("shop", (HostProgram("shop"),))))
    fleet.add(lifecycle.begin)
    assert fleet.failed() == {"a"}
    assert "hostctl: this phase was not announced. Fix: name hostctl.KIND among" in caplog.text
