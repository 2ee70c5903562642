"""A report says of each host what came of it, as far as the run got."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyinfra.api.state import State, StateStage

from homeport.rollout import environment, report
from homeport.rollout.batches import Outcome
from tests.support.host_folders import Fleet, fleet

__all__ = ["fleet"]


def hung_up(state: State, file: Path) -> dict[str, report.HostReport]:
    """Return what is reported of each host when pyinfra hangs up now."""
    report.write(state, file)
    reports = report.read(file)
    assert reports is not None
    return {host.name.removeprefix("@fake/"): host for host in reports}


def outcomes(reports: dict[str, report.HostReport]) -> dict[str, Outcome]:
    return {name: host.outcome for name, host in reports.items()}


def test_report__only_who_came_through_to_the_end_is_done(fleet: Fleet, tmp_path: Path) -> None:
    fleet.start("a", "b", "c")
    state = fleet.state
    state.failed_hosts.add(fleet.host("b"))
    state.failed_hosts.add(fleet.host("c"))
    state.activated_hosts.discard(fleet.host("c"))
    file = tmp_path / "report"
    gone = {"b": Outcome.FAILED, "c": Outcome.UNREACHABLE}
    for stage in (StateStage.Connect, StateStage.Prepare, StateStage.Execute):
        state.set_stage(stage)
        assert outcomes(hung_up(state, file)) == {"a": Outcome.CUT_OFF, **gone}
    state.set_stage(StateStage.Disconnect)
    assert outcomes(hung_up(state, file)) == {"a": Outcome.DONE, **gone}


def test_report__what_a_host_said_is_its_own(fleet: Fleet, tmp_path: Path) -> None:
    fleet.start("a", "b")
    report.say(fleet.host("a"), {"release": "x"})
    report.say(fleet.host("a"), {"open": False})
    reports = hung_up(fleet.state, tmp_path / "report")
    assert reports["a"].facts == {"release": "x", "open": False}
    assert reports["b"].facts == {}


@pytest.mark.parametrize("text", [None, "", "[{"])
def test_report__a_run_that_was_killed_has_no_report(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "report"
    if text is not None:
        file.write_text(text)
    assert report.read(file) is None


def test_report_is_written_where_one_is_asked_for(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.start("a")
    file = tmp_path / "report"
    monkeypatch.delenv(environment.REPORT, raising=False)
    environment.write_report(fleet.state)
    assert not file.exists()
    monkeypatch.setenv(environment.REPORT, str(file))
    environment.write_report(fleet.state)
    assert [host.name for host in report.read(file) or ()] == ["@fake/a"]
