"""A host plans its own work; what its plan is based on goes back to it, and it may refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.deployment import host_plan
from homeport.deployment.host_plan import HostPlan
from homeport.deployment.rollback import RollbackTarget
from homeport.engine.kind import PreconditionError, ProbeOutput
from tests.support.called_hostctl import calls, placed, rolled_back
from tests.support.host_folders import Fleet

__all__ = ["calls"]

KIND = host_plan.kind_of("rollback", lambda description: [["rollback", "shop"]])


def test_host_plan__what_a_host_says_is_one_harmless_line_each() -> None:
    answer = (
        '{"plan": ["it is \\u001b[2Jdamaged", "secret TOKEN differs"], "basis": {"last": "d 1"}}'
    )
    assert KIND.parse(ProbeOutput(f"{answer}\n", "")) == HostPlan(
        (r"it is \x1b[2Jdamaged", "secret TOKEN differs"), '{"last":"d 1"}'
    )


@pytest.mark.parametrize("text", ["", "homeportctl: it is \x1b[2Jdamaged\n"])
def test_host_plan__without_a_plan_nothing_is_asked_for(text: str) -> None:
    with pytest.raises(PreconditionError) as refused:
        KIND.parse(ProbeOutput(text, ""))
    reason = r"it is \x1b[2Jdamaged" if text else host_plan.NOT_THERE
    assert str(refused.value) == f"rollback refused: {reason}"


@pytest.mark.parametrize("text", ["{", '{"plan": 1, "basis": {}}', '{"plan": []}', "{}"])
def test_host_plan__an_answer_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        KIND.parse(ProbeOutput(text, ""))


@pytest.mark.parametrize("dry", [True, False])
def test_host_plan__a_host_that_would_refuse_fails_in_the_plan_and_is_not_asked(
    fleet: Fleet,
    calls: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    dry: bool,
) -> None:
    placed(calls, monkeypatch)
    calls.with_name("calls.plan").write_text("homeportctl: generation 0123 is marked bad\n")
    assert rolled_back(fleet, calls, RollbackTarget(), dry=dry) == []
    assert fleet.failed() == {"a"}
    assert "rollback refused: generation 0123 is marked bad" in caplog.text
