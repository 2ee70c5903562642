"""What deployment.deploy_lock promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.deployment import deploy_lock
from tests.support.called_hostctl import calls, placed, run
from tests.support.host_folders import Fleet

__all__ = ["calls"]


@pytest.mark.parametrize("code", [0, 2])
def test_lock_is_the_hosts_own_word_and_a_failure_is_one(
    fleet: Fleet,
    calls: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: int,
) -> None:
    placed(calls, monkeypatch, lock=code)
    monkeypatch.setattr(deploy_lock, "who", lambda: "me@desk")
    fleet.start("a")
    with caplog.at_level("INFO", logger="pyinfra"):
        fleet.add(deploy_lock.lock, reason="it's Friday", lasting="2d")
        assert not calls.exists()
        run(fleet)
    assert calls.read_text() == "lock it's Friday --for 2d --user me@desk\n"
    assert "locked: it's Friday" in caplog.text
    assert fleet.failed() == ({"a"} if code else set())


def test_deploy_lock__an_unlock_is_asked_for(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(calls, monkeypatch)
    fleet.start("a")
    fleet.add(deploy_lock.unlock)
    fleet.run()
    assert calls.read_text() == "unlock\n"
