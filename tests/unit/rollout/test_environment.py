"""A run of pyinfra is asked for a check alone, or for a report, by its environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyinfra.api.state import State

from homeport.rollout import report
from homeport.rollout.environment import ONLY_CHECK, REPORT, only_check, write_report


def test_environment_asks_for_a_check_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ONLY_CHECK, raising=False)
    assert not only_check()
    monkeypatch.setenv(ONLY_CHECK, "1")
    assert only_check()


def test_report_is_written_where_the_environment_says_and_nowhere_without_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written: list[Path] = []
    monkeypatch.setattr(report, "write", lambda state, file: written.append(file))
    monkeypatch.delenv(REPORT, raising=False)
    write_report(State())
    assert written == []
    monkeypatch.setenv(REPORT, str(tmp_path / "report"))
    write_report(State())
    assert written == [tmp_path / "report"]
