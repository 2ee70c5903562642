"""What operations.services.apply promises."""

from __future__ import annotations

import json

import pytest
from pyinfra.api.command import FunctionCommand

from homeport.engine.kind import Kind
from homeport.operations.services import apply
from tests.support.fake_hostctl import Guarding
from tests.support.guarded_deploy import REVERTED, Late, Start, deploy, late, run, start
from tests.support.host_folders import Fleet
from tests.support.real_delivery import as_root

__all__ = ["late", "start"]


pytestmark = as_root


WORK = {"slots": True, "restart": [], "enable": [], "stop": ["shop-old@a.service"], "once": []}


def activate(late: Late) -> None:
    """Have the last phase switch, as that of services does."""
    done = Kind("late", late.probe, str, late.diff, lambda *_: iter([switch()]))
    late.kind = done


def switch() -> FunctionCommand:
    return FunctionCommand(apply._activate, (WORK,), {})


def test_services__a_switch_is_the_hosts_own_work_and_it_is_told_all_of_it(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    activate(late)
    start("a")
    deploy(fleet, late)
    assert fleet.failed() == set()
    assert guarding.calls()[-2:] == ["activate shop", "confirm shop"]
    assert json.loads(guarding.sent("activate")) == WORK
    # Whoever waits sees each step.
    shown = [arguments for arguments in fleet.arguments["a"] if arguments.get("print_output")]
    assert len(shown) == 1


def test_services__a_switch_that_fails_is_reverted_and_its_mend_is_told_where_one_is_known(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    activate(late)
    start("a")
    guarding.fails("activate", 1, "No space left on device")
    deploy(fleet, late)
    assert fleet.failed() == {"a"}
    assert guarding.calls()[-2:] == ["activate shop", "revert shop -"]
    assert "its disk is full. Fix: " in caplog.text
    assert REVERTED in caplog.text


def test_services__a_switch_without_a_beginning_is_one_message(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    activate(late)
    start("a")
    fleet.add(late.converge(), name="Late")
    run(fleet)
    assert fleet.failed() == {"a"}
    assert "nothing can be switched before a deploy has begun. Fix: call lifecycle" in caplog.text
    assert guarding.calls() == []
