"""A rollback is the host's own work; here it is asked for, confirmed anew, and told truly."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.deployment.history import DeployHistory
from homeport.deployment.rollback import RollbackTarget, planned
from homeport.ssh import connection
from tests.support.called_hostctl import BASIS, calls, placed, rolled_back, run
from tests.support.host_folders import Fleet

__all__ = ["calls"]


def test_rollback_is_asked_for_by_an_id_and_confirmed_over_a_new_connection(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch)
    anew: list[str] = []
    run_anew = connection.run_anew

    def noted(host: object, command: object, **arguments: object) -> object:
        anew.append(str(command))
        return run_anew(host, command, **arguments)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(connection, "run_anew", noted)
    with caplog.at_level("INFO", logger="pyinfra"):
        requests = rolled_back(fleet, calls, RollbackTarget())
    (verb, app, *known, held, id_, by, user), *rest = requests
    assert (verb, app, known) == ("rollback", "shop", ["--basis", BASIS])
    assert (held, by, user) == ("--deploy-id", "--user", "me@desk")
    assert rest == [["confirm", "shop", id_]]
    assert len(anew) == 1
    assert fleet.failed() == set()
    assert "rollback  ~ new  (to what was confirmed before)" in caplog.text
    assert "now: old" in caplog.text


def test_rollback__the_host_hears_of_a_login_that_ends_with_the_command(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(calls, monkeypatch)
    monkeypatch.setattr(connection, "hold", lambda host: False)
    (first, _) = rolled_back(fleet, calls, RollbackTarget())
    assert first[-5:-2] == ["--unheld", "--deploy-id", first[-3]]


def test_rollback__a_named_goal_is_handed_on_and_so_is_force(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(calls, monkeypatch)
    (first, _) = rolled_back(fleet, calls, RollbackTarget("0123", force=True))
    assert first[:5] == ["rollback", "shop", "0123", "--force", "--basis"]


def test_rollback__the_old_secrets_are_wanted_by_a_word_of_their_own(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch)
    with caplog.at_level("INFO", logger="pyinfra"):
        (first, _) = rolled_back(fleet, calls, RollbackTarget("0123", old_secrets=True))
    assert first[:5] == ["rollback", "shop", "0123", "--old-secrets", "--basis"]
    assert "(to 0123, with its old secrets)" in caplog.text


def test_rollback__what_is_not_confirmed_is_reverted(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch, confirm=1)
    requests = rolled_back(fleet, calls, RollbackTarget())
    assert [words[0] for words in requests] == ["rollback", "confirm", "revert"]
    assert fleet.failed() == {"a"}
    assert "could not confirm over a new connection" in caplog.text
    assert "now: " not in caplog.text


def test_rollback__a_dry_run_says_what_would_be_done_and_does_nothing(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch)
    with caplog.at_level("INFO", logger="pyinfra"):
        assert rolled_back(fleet, calls, RollbackTarget("0123"), dry=True) == []
    assert caplog.text.count("rollback  ~ new  (to 0123)") == 1
    assert caplog.text.count("rollback    generation 0123, release old") == 1


def test_rollback__a_plan_that_was_shown_before_the_run_is_not_shown_again_by_it(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch)
    with caplog.at_level("INFO", logger="pyinfra"):
        rolled_back(fleet, calls, RollbackTarget("0123"), dry=True)
        prepared = caplog.text.count("rollback  ~ new  (to 0123)")
        run(fleet)
    assert calls.exists()
    assert prepared == caplog.text.count("rollback  ~ new  (to 0123)") == 1


def test_rollback__an_open_deploy_is_named_and_so_is_a_lock() -> None:
    past = DeployHistory(opened=True, locked="me: it's Friday")
    assert list(planned(past, RollbackTarget(force=True))) == [
        "rollback  ~ no release  (to what was confirmed before, forced)",
        "rollback    locked by me: it's Friday; a lock blocks deploys, not rollbacks",
        "rollback    a deploy is open there; the host accepts one at a time",
    ]
