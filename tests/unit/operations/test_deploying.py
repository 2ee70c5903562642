"""A deploy begins before it writes, and is confirmed anew or reverted, whatever fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api import operation
from pyinfra.api.command import FunctionCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.operations import server

from homeport.deployment import lifecycle as deploying
from homeport.engine import phase
from homeport.engine import rollback_on_failure as reverting
from homeport.engine import run as session
from homeport.engine import transaction as attempt
from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    ProbeError,
)
from homeport.files import managed_set as group
from homeport.files.entries import File
from homeport.hostctl.system import exit_codes as exits
from homeport.operations import files
from homeport.operations.hostctl import kind as guards
from homeport.operations.hostctl.kind import HostProgram
from homeport.operations.services import apply as switching
from homeport.ssh import reconnect as second_login
from tests.unit.engine.delivering import as_root
from tests.unit.engine.fleet import Fleet
from tests.unit.operations.guarding import Guarding
from tests.unit.operations.samples import RELEASE

pytestmark = as_root

# The program itself is in its place, whatever this machine has.
GUARDS: Kind[Any] = Kind("guards", lambda *_: ":\n", str, lambda *_: [], lambda *_: iter(()))


class Late:
    """A phase after the files: it refuses, or fails, when it is told to."""

    def __init__(self) -> None:
        self.command = "true"
        self.raises: Exception | None = None
        self.kind: Kind[Any] = Kind("late", self.probe, str, self.diff, self.apply)

    def probe(self, description: DesiredState, key: str) -> str:
        return "if [ -f late ]; then echo done; fi\n"

    def diff(
        self, description: DesiredState, actual: object, pending: PendingTargets = NOTHING
    ) -> list[Change]:
        if self.raises and not pending:
            raise self.raises
        return [] if "done" in str(actual) else [Change("add", "late", "missing")]

    def apply(self, description: DesiredState, actual: str, changes: Sequence[Change]) -> Commands:
        yield f"{self.command} && touch late"

    def converge(self) -> Callable[..., object]:
        kind = self.kind

        @operation()
        def converge() -> Commands:
            yield from phase.converge(kind)

        return converge


@pytest.fixture
def late() -> Late:
    return Late()


Start = Callable[..., Path]


@pytest.fixture
def start(
    fleet: Fleet, guarding: Guarding, late: Late, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Start:
    monkeypatch.setattr(guards, "KIND", GUARDS)
    monkeypatch.setattr(group, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}")
    wanted = tmp_path / "wanted"

    def start(*names: str, check_for_changes: bool = True, guard: bool = True) -> Path:
        fleet.start(*names, check_for_changes=check_for_changes)
        described: list[object] = [File(str(wanted), b"new\n"), RELEASE]
        described += [HostProgram("shop")] if guard else []
        kinds = (GUARDS, files.KIND, late.kind)
        fleet.on_each(lambda: session.start_run(kinds, DesiredState("shop", tuple(described))))
        return wanted

    return start


def run(fleet: Fleet) -> None:
    # Where no host is left pyinfra ends the run.
    with suppress(PyinfraError):
        fleet.run()


def deploy(fleet: Fleet, late: Late, *between: Callable[[], None]) -> None:
    fleet.add(deploying.begin, name="Begin")
    fleet.add(files.converge, name="Files")
    for add in between:
        add()
    fleet.add(late.converge(), name="Late")
    fleet.add(deploying.confirm, name="Confirm")
    run(fleet)


def test_a_deploy_is_begun_once_kept_before_it_writes_and_confirmed_at_the_end(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a")
    deploy(fleet, late)
    assert fleet.failed() == set()
    ledger = f"{wanted.parent}/var/shop"
    assert guarding.calls() == [
        "begin shop",
        f"keep shop {ledger} {ledger}/files {wanted}",
        "confirm shop",
    ]
    # Begin is nothing that a look could see: there is one for the plan, and one after the files.
    assert len(fleet.looks["a"]) == 2
    told = json.loads(guarding.sent("begin"))
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", told.pop("id"))
    assert re.fullmatch("[0-9a-f]{64}", told.pop("plan"))
    assert "@" in told.pop("who")
    artifact = RELEASE.artifact
    assert told == {"what": "deploy", "ttl": 900, "commit": artifact.commit, "dirty": False}


def test_what_is_to_be_kept_is_kept_before_anything_is_written_and_nothing_is_if_it_cannot_be(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a")
    guarding.fails("keep", 3, "deploy isn't open")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert not wanted.exists()
    assert not (wanted.parent / "var").exists()
    assert [call.split()[0] for call in guarding.calls()] == ["begin", "keep", "revert"]


def test_where_nothing_is_to_be_changed_no_command_is_run(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a")
    deploy(fleet, late)
    fleet.root = guarding.root = wanted.parent / "again"
    fleet.root.mkdir()
    wanted = start("a")
    (fleet.root / "a/late").touch()
    deploy(fleet, late)
    assert (guarding.calls(), len(fleet.looks["a"]), fleet.commands["a"]) == ([], 1, [])


def test_what_an_operation_of_somebodys_own_makes_due_begins_the_deploy_late(
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
    assert len(fleet.looks["a"]) == 2


def test_a_host_without_a_guard_is_changed_without_a_word_to_it(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    wanted = start("a", guard=False)
    deploy(fleet, late)
    assert fleet.failed() == set()
    assert wanted.exists()
    assert guarding.calls() == []


def test_a_preparing_pass_begins_nothing_and_says_that_it_would(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    fleet.add(deploying.begin)
    fleet.add(files.converge)
    fleet.add(deploying.confirm)
    assert guarding.calls() == []
    meta = fleet.state.get_meta_for_host(fleet.host("a"))
    assert (meta.ops, meta.ops_change) == (3, 3)


def test_neither_of_them_is_taken_for_an_ordinary_operation(
    fleet: Fleet, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    start("a")
    deploy(fleet, late)
    assert "not predicted" not in caplog.text


def test_after_a_take_over_the_host_is_looked_at_again(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    start("a")
    guarding.says("begin", "took over from ann@laptop: its connection is gone\n")
    deploy(fleet, late)
    assert fleet.failed() == set()
    assert "took over from ann@laptop" in caplog.text
    assert len(fleet.looks["a"]) == 3


def test_a_host_that_refuses_to_begin_is_left_as_it_is(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = start("a")
    guarding.fails("begin", 3, "there is a deploy of shop by bob")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert not wanted.exists()
    assert "it can't be deployed to: there is a deploy of shop by bob" in caplog.text
    assert "reverted" not in caplog.text
    assert guarding.calls() == ["begin shop"]


REVERTED = "reverted: @fake/a runs what it ran before"


def test_a_phase_that_fails_has_the_host_revert_at_once_and_the_others_go_on(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a", "b")
    late.command = "[ ! -f breaks ]"
    (fleet.root / "a/breaks").touch()
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert [call for call in guarding.calls() if "keep" not in call] == [
        "begin shop",
        "revert shop Late failed",
    ]
    assert guarding.calls("b")[-1] == "confirm shop"
    assert caplog.text.count(REVERTED) == 1


@pytest.mark.parametrize(
    "reason", [PreconditionError("not for us"), ProbeError("rubbish"), ProbeError("cut short")]
)
def test_a_look_that_fails_after_the_beginning_has_the_host_revert(
    reason: Exception,
    fleet: Fleet,
    guarding: Guarding,
    late: Late,
    start: Start,
    caplog: pytest.LogCaptureFixture,
) -> None:
    start("a")
    late.raises = reason
    deploy(fleet, late)
    assert guarding.calls()[-1] == "revert shop Late failed"
    assert str(reason) in caplog.text
    assert REVERTED in caplog.text


@pytest.mark.parametrize("ignored", [False, True])
def test_what_is_somebodys_own_reverts_too_unless_its_errors_are_to_be_ignored(
    ignored: bool, fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    deploy(
        fleet,
        late,
        lambda: fleet.add(server.shell, commands=["false"], name="Theirs", _ignore_errors=ignored),
    )
    assert fleet.failed() == (set() if ignored else {"a"})
    ends = "confirm shop" if ignored else "revert shop Theirs failed"
    assert guarding.calls()[-1] == ends


def test_a_phase_of_ours_whose_errors_are_to_be_ignored_is_reverted_all_the_same(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    late.command = "false"
    fleet.add(deploying.begin)
    fleet.add(files.converge)
    fleet.add(late.converge(), name="Late", _ignore_errors=True)
    fleet.add(deploying.confirm)
    run(fleet)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-1] == "revert shop Late failed"


def test_a_phase_that_is_tried_again_is_not_reverted_in_between(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    late.command = "{ [ -f tried ] || { touch tried; false; }; }"
    fleet.add(deploying.begin)
    fleet.add(files.converge)
    fleet.add(late.converge(), name="Late", _retries=1, _retry_delay=0)
    fleet.add(deploying.confirm)
    run(fleet)
    assert fleet.failed() == set()
    assert guarding.calls()[-1] == "confirm shop"


def test_a_host_that_cannot_be_confirmed_is_told_to_revert_over_the_connection_that_is_there(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    guarding.fails("confirm", 3, "it isn't open any more")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-2:] == ["confirm shop", "revert shop Confirm failed"]
    assert "it was not confirmed over a new connection: it isn't open any more" in caplog.text
    assert REVERTED in caplog.text


def test_a_new_connection_that_cannot_be_made_is_no_confirmation(
    fleet: Fleet,
    guarding: Guarding,
    late: Late,
    start: Start,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start("a")
    tries: list[object] = []

    def closed(*given: object, **named: object) -> None:
        tries.append(given)
        raise OSError("Connection refused")

    monkeypatch.setattr(second_login, "run", closed)
    monkeypatch.setattr(attempt, "PAUSE", 0)
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-1] == "revert shop Confirm failed"
    assert "it was not confirmed over a new connection: Connection refused" in caplog.text
    assert len(tries) == attempt.TRIES


def test_a_host_that_cannot_be_told_reverts_by_itself_and_that_is_said(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    late.command = "[ ! -f breaks ]"
    (fleet.root / "a/breaks").touch()

    def cut() -> None:
        fleet.deaf["a"] = "Broken pipe"

    fleet.add(deploying.begin)
    fleet.add(files.converge)
    fleet.add(late.converge(), name="Late")
    answer = fleet.answer

    def answer_until_late(host: Any, command: Any, **given: Any) -> Any:
        if "touch late" in command.get_raw_value():
            cut()
        return answer(host, command, **given)

    fleet.answer = answer_until_late  # type: ignore[method-assign] # of this fleet alone
    run(fleet)
    assert "@fake/a can't be told to revert (Broken pipe); it does so by itself" in caplog.text


def test_a_host_that_cannot_revert_says_so(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    late.command = "false"
    guarding.fails("revert", 1, "the disk is gone")
    deploy(fleet, late)
    assert "not reverted: @fake/a says: the disk is gone" in caplog.text
    assert "reverted: @fake/a runs" not in caplog.text


def test_a_confirmation_whose_answer_was_lost_is_no_revert(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    guarding.fails("confirm", 255, "")
    # Whatever it says: what it came to is told by the exit code alone.
    guarding.fails("revert", exits.ALREADY_CONFIRMED, "homeport: 1 is final")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert "not reverted: @fake/a has confirmed it, and runs what was deployed" in caplog.text
    assert not reverting.revert_all(fleet.state)


def test_a_revert_that_is_refused_is_no_confirmation_whatever_words_it_has(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    late.command = "false"
    guarding.fails("revert", exits.REFUSED, "homeport: deploy 1 isn't open; deploy 2 is confirmed")
    deploy(fleet, late)
    assert "has confirmed it" not in caplog.text
    assert REVERTED in caplog.text


def test_a_run_that_ends_without_a_confirmation_reverts_and_has_failed(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a", "b")
    (fleet.root / "b/late").touch()
    fleet.add(deploying.begin)
    fleet.add(files.converge)
    run(fleet)
    assert reverting.revert_all(fleet.state)
    assert guarding.calls()[-1] == "revert shop the run ended before it was confirmed"
    assert REVERTED in caplog.text
    assert not reverting.revert_all(fleet.state)


def test_without_the_preparing_pass_it_is_all_the_same(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a", check_for_changes=False)
    deploy(fleet, late)
    assert [call.split()[0] for call in guarding.calls()] == ["begin", "keep", "confirm"]
    assert len(fleet.looks["a"]) == 2


def test_a_deploy_whose_kinds_do_not_guard_it_is_one_message(
    fleet: Fleet, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a")
    kinds = (files.KIND, late.kind)
    fleet.on_each(lambda: session.start_run(kinds, DesiredState("shop", (HostProgram("shop"),))))
    fleet.add(deploying.begin)
    assert fleet.failed() == {"a"}
    assert "guards: this phase was not announced. Mend: name guards.KIND among" in caplog.text


def test_the_same_changes_are_the_same_plan(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a", "b", "c")
    (fleet.root / "c/late").touch()
    deploy(fleet, late)
    a, b, c = (json.loads(guarding.sent("begin", host))["plan"] for host in "abc")
    assert a == b != c


WORK = {"slots": True, "restart": [], "enable": [], "stop": ["shop-old@a.service"], "once": []}


def activate(late: Late) -> None:
    """Have the last phase switch, as that of services does."""
    done = Kind("late", late.probe, str, late.diff, lambda *_: iter([switch()]))
    late.kind = done


def switch() -> FunctionCommand:
    return FunctionCommand(switching._activate, (WORK,), {})


def test_a_switch_is_the_hosts_own_work_and_it_is_told_all_of_it(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    activate(late)
    start("a")
    deploy(fleet, late)
    assert fleet.failed() == set()
    assert guarding.calls()[-2:] == ["activate shop", "confirm shop"]
    assert json.loads(guarding.sent("activate")) == WORK
    # Whoever waits sees each step.
    shown = [given for given in fleet.arguments["a"] if given.get("print_output")]
    assert len(shown) == 1


def test_a_switch_that_fails_is_reverted_and_its_mend_is_told_where_one_is_known(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    activate(late)
    start("a")
    guarding.fails("activate", 1, "No space left on device")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-2:] == ["activate shop", "revert shop Late failed"]
    assert "its disk is full. Mend: " in caplog.text
    assert REVERTED in caplog.text


def test_a_switch_without_a_beginning_is_one_message(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    activate(late)
    start("a")
    fleet.add(late.converge(), name="Late")
    run(fleet)
    assert fleet.failed() == {"a"}
    assert "nothing can be switched before a deploy has begun. Mend: call deploying" in caplog.text
    assert guarding.calls() == []
