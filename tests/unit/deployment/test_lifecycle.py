"""A deploy begins before it writes, and is confirmed anew or reverted, whatever fails."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from pyinfra.operations import python

from homeport.deployment import lifecycle
from homeport.engine import rollback_on_failure, transaction
from homeport.engine import run as session
from homeport.engine.kind import (
    NOTHING,
    AnyKind,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
)
from homeport.engine.phase import operation_for
from homeport.files.entries import File
from homeport.hostctl.system import exit_codes
from homeport.operations import files, hostctl
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.hostctl.resources import HostProgram
from homeport.ssh import connection
from tests.support.changes import change
from tests.support.deploy_states import BOOT, NOW, situation
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
    basis = {"boot": BOOT, "last": None, "generation": None, "others": {}, "paths": []}
    assert request.pop("basis") == basis
    assert request.pop("held") is True
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


class Program:
    """The host's program, which a phase of its own ships; ``added`` comes before it."""

    def __init__(self, *, is_shipped: bool) -> None:
        self.first = is_shipped
        self.kind: AnyKind = Kind("hostctl", self.probe, self.parse, self.diff, self.apply)
        self.added: AnyKind = Kind("packages", self.missing, str, self.lacks, self.install)

    def probe(self, description: DesiredState, key: str) -> str:
        return "if [ -f shipped ]; then echo there; fi\n"

    def parse(self, answer: ProbeOutput) -> HostProgramState:
        is_shipped = self.first or "there" in answer.text
        return HostProgramState(is_shipped, is_shipped, NOW)

    def diff(
        self, description: DesiredState, actual: HostProgramState, pending: PendingTargets = NOTHING
    ) -> list[Change[None]]:
        wanted = change("add", "homeportctl", "new", None, kind="hostctl")
        return [] if actual.is_shipped else [wanted]

    def apply(self, *of: object) -> Commands:
        yield "touch shipped; echo program >>calls"

    def missing(self, description: DesiredState, key: str) -> str:
        return "if [ -f installed ]; then echo done; fi\n"

    def lacks(
        self, description: DesiredState, actual: object, pending: PendingTargets = NOTHING
    ) -> list[Change[None]]:
        wanted = change("add", "curl", "missing", None, kind="packages")
        return [] if "done" in str(actual) else [wanted]

    def install(self, *of: object) -> Commands:
        yield "touch installed; echo packages >>calls"

    def deploy(self, fleet: Fleet, late: Late, described: DesiredState) -> None:
        kinds = (self.added, self.kind, files.KIND, late.kind)
        fleet.on_each(lambda: session.start_run(kinds, described))
        fleet.add(lifecycle.begin, name="Begin")
        fleet.add(operation_for(self.added), name="Packages")
        fleet.add(operation_for(self.kind), name="Hostctl")
        fleet.add(files.converge, name="Files")
        fleet.add(late.converge(), name="Late")
        fleet.add(lifecycle.confirm, name="Confirm")
        run(fleet)


@pytest.mark.parametrize("prepares", [True, False])
@pytest.mark.parametrize("is_shipped", [True, False])
def test_lifecycle__only_what_is_added_comes_before_the_lease_and_only_on_a_new_host(
    fleet: Fleet,
    guarding: Guarding,
    late: Late,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_shipped: bool,
    prepares: bool,
) -> None:
    caplog.set_level("INFO")
    wanted = start("a", check_for_changes=prepares)
    program = Program(is_shipped=is_shipped)
    monkeypatch.setattr(hostctl, "KIND", program.kind)
    described = (HostProgram("shop"), File(str(wanted), b"new\n"))
    program.deploy(fleet, late, DesiredState("shop", described))
    assert fleet.failed() == set()
    calls = [call.split()[0] for call in guarding.calls()]
    guarded = ["snapshot", "confirm"]
    if is_shipped:
        assert calls == ["begin", "packages", *guarded]
    else:
        assert calls == ["packages", "program", "begin", *guarded]
    note = "before the lease come packages, hostctl; what they change is added"
    assert (note in caplog.text) is not is_shipped


def test_lifecycle__a_program_alone_is_shipped_without_a_deploy(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("a")
    program = Program(is_shipped=False)
    monkeypatch.setattr(hostctl, "KIND", program.kind)
    (fleet.root / "a/late").touch()
    (fleet.root / "a/installed").touch()
    program.deploy(fleet, late, DesiredState("shop", (HostProgram("shop"),)))
    assert fleet.failed() == set()
    assert guarding.calls() == ["program"]


def test_lifecycle__a_host_that_moved_fails_alone_and_nothing_more_is_changed_there(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a", "b")
    moved = "the deploy of shop by bob@desk was confirmed at noon, after this plan was made"
    guarding.fails("begin", exit_codes.REFUSED, f"homeportctl: {moved}")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert guarding.calls() == ["begin shop"]
    assert not (fleet.root / "a/late").exists()
    assert guarding.calls("b")[-1] == "confirm shop"
    assert f"deploy refused: homeportctl: {moved}" in caplog.text
    assert "reverted" not in caplog.text


def test_lifecycle__the_plan_is_based_on_the_state_of_the_first_probe_and_on_this_boot(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("a")
    states = iter([situation(last={"id": "d1"}), situation(last={"id": "d2"})])
    found = {"now": next(states)}
    kind: AnyKind = Kind(
        "hostctl",
        lambda *_: ":\n",
        lambda _: HostProgramState(True, True, found["now"]),
        lambda *_: [],
    )
    monkeypatch.setattr(hostctl, "KIND", kind)
    kinds = (kind, files.KIND, late.kind)
    described = DesiredState("shop", (HostProgram("shop"),))
    fleet.on_each(lambda: session.start_run(kinds, described))

    def reboot() -> None:
        later = next(states)
        found["now"] = replace(later, now=later.now._replace(boot="boot-2"))

    fleet.add(python.call, function=reboot, name="Theirs")
    fleet.add(lifecycle.begin, name="Begin")
    fleet.add(late.converge(), name="Late")
    run(fleet)
    basis = json.loads(guarding.sent("begin"))["basis"]
    assert (basis["last"], basis["boot"]) == ("d1", "boot-2")
