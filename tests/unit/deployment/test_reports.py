"""What deployment.reports promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.deployment.rollback import RollbackTarget
from homeport.hostctl import protocol
from tests.support.called_hostctl import calls, placed, rolled_back
from tests.support.host_folders import Fleet

__all__ = ["calls"]


@pytest.mark.parametrize("code", [1, 4])
def test_reports__what_the_host_reverted_fails_and_is_told_by_its_own_word(
    fleet: Fleet,
    calls: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: int,
) -> None:
    placed(calls, monkeypatch, rollback=code)
    requests = rolled_back(fleet, calls, RollbackTarget())
    assert [words[0] for words in requests] == ["rollback", "revert"]
    assert fleet.failed() == {"a"}
    assert "rollback failed: web: last words" in caplog.text
    assert "reverted: " in caplog.text


def test_reports__what_the_host_refused_is_told_with_its_reason_and_nothing_is_reverted(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch, rollback=3)
    requests = rolled_back(fleet, calls, RollbackTarget())
    assert [words[0] for words in requests] == ["rollback"]
    assert fleet.failed() == {"a"}
    assert "rollback refused: web: last words" in caplog.text
    assert "reverted: " not in caplog.text


def test_reports__a_host_without_the_program_is_told_to_be_deployed_to(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(protocol, "PROGRAM", "/no/such/homeport")
    assert rolled_back(fleet, calls, RollbackTarget()) == []
    assert fleet.failed() == {"a"}
    assert "homeportctl is not on this host" in caplog.text
