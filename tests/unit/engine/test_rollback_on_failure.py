"""What engine.rollback_on_failure promises."""

from __future__ import annotations

from typing import Any

import pytest
from gevent.event import Event
from pyinfra.operations import server

from homeport.deployment import lifecycle
from homeport.engine import rollback_on_failure
from homeport.engine.kind import PreconditionError, ProbeError
from homeport.operations import files
from tests.support.fake_hostctl import Guarding
from tests.support.guarded_deploy import REVERTED, Late, Start, deploy, late, run, start
from tests.support.host_folders import Fleet
from tests.support.real_delivery import as_root

__all__ = ["late", "start"]


pytestmark = as_root


def test_a_phase_that_fails_has_the_host_revert_at_once_and_the_others_go_on(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a", "b")
    late.command = "[ ! -f breaks ] || { printf 'one\\nno \\033[2Jport\\n' >&2; false; }"
    (fleet.root / "a/breaks").touch()
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert [call for call in guarding.calls() if "snapshot" not in call] == [
        "begin shop",
        "revert shop -",
    ]
    # The history of the host keeps why, and no list of processes shows it.
    assert guarding.sent("revert") == "Late failed: one; no \\x1b[2Jport\n"
    assert guarding.calls("b")[-1] == "confirm shop"
    assert caplog.text.count(REVERTED) == 1


@pytest.mark.parametrize(
    "reason", [PreconditionError("not for us"), ProbeError("rubbish"), ProbeError("cut short")]
)
def test_rollback_on_failure__a_look_that_fails_after_the_beginning_has_the_host_revert(
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
    assert guarding.calls()[-1] == "revert shop -"
    assert guarding.sent("revert").startswith(f"Late failed: {reason}")
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
    ends = "confirm shop" if ignored else "revert shop -"
    assert guarding.calls()[-1] == ends


def test_a_phase_of_ours_whose_errors_are_to_be_ignored_is_reverted_all_the_same(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    late.command = "false"
    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    fleet.add(late.converge(), name="Late", _ignore_errors=True)
    fleet.add(lifecycle.confirm)
    run(fleet)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-1] == "revert shop -"


def test_rollback_on_failure__a_phase_that_is_tried_again_is_not_reverted_in_between(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    late.command = "{ [ -f tried ] || { touch tried; false; }; }"
    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    fleet.add(late.converge(), name="Late", _retries=1, _retry_delay=0)
    fleet.add(lifecycle.confirm)
    run(fleet)
    assert fleet.failed() == set()
    assert guarding.calls()[-1] == "confirm shop"


def test_rollback_on_failure__a_run_that_ends_without_a_confirmation_reverts_and_has_failed(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start("a", "b")
    (fleet.root / "b/late").touch()
    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    run(fleet)
    assert rollback_on_failure.revert_all(fleet.state)
    assert guarding.sent("revert") == "the run ended before it was confirmed\n"
    assert REVERTED in caplog.text
    assert not rollback_on_failure.revert_all(fleet.state)


def test_rollback_on_failure__hosts_that_a_run_leaves_open_are_reverted_side_by_side(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    names = ("a", "b", "c")
    start(*names)
    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    run(fleet)
    answer, begun = fleet.answer, set()
    together = Event()

    def meets(host: Any, command: Any, **arguments: Any) -> Any:
        begun.add(host.name)
        if len(begun) == len(names):
            together.set()
        # One after the other they would wait here for good.
        assert together.wait(5)
        return answer(host, command, **arguments)

    fleet.answer = meets  # type: ignore[method-assign] # of this fleet alone
    assert rollback_on_failure.revert_all(fleet.state)
    for name in names:
        assert guarding.calls(name)[-1] == "revert shop -"
