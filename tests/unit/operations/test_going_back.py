"""A rollback is the host's own work; here it is asked for, confirmed anew, and told truly."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from pyinfra.api.exceptions import PyinfraError

from homeport.deployment import deploy_lock as locking
from homeport.deployment import history
from homeport.deployment import reports as telling
from homeport.deployment import rollback as going_back
from homeport.deployment.history import DeployHistory, HistoryQuery
from homeport.deployment.rollback import RollbackTarget, planned
from homeport.engine import kind as resource
from homeport.engine import run as session
from homeport.ssh import reconnect as second_login
from tests.unit.engine.fleet import Fleet

PROGRAM = """\
#!/bin/sh
printf '%s\\n' "$*" >>{calls}
case $1 in
  rollback) echo 'slot b: started'; echo 'web: last words' >&2; exit {rollback} ;;
  confirm) ln -sfn /srv/shop/releases/old {current}; exit {confirm} ;;
  lock) echo "locked: $2"; exit {lock} ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(history, "KEPT", str(tmp_path / "kept"))
    monkeypatch.setattr(going_back, "who", lambda: "me@desk")
    (tmp_path / "kept/shop").mkdir(parents=True)
    (tmp_path / "current").symlink_to("/srv/shop/releases/new")
    return tmp_path / "calls"


def placed(calls: Path, monkeypatch: pytest.MonkeyPatch, **codes: int) -> None:
    program = calls.with_name("homeport")
    known = {"rollback": 0, "confirm": 0, "lock": 0, **codes}
    program.write_text(PROGRAM.format(calls=calls, current=calls.with_name("current"), **known))
    program.chmod(0o755)
    monkeypatch.setattr(resource, "PROGRAM", str(program))


def run(fleet: Fleet) -> None:
    with contextlib.suppress(PyinfraError):  # no host remains
        fleet.run()


def rolled_back(
    fleet: Fleet, calls: Path, goal: RollbackTarget, *, dry: bool = False
) -> list[list[str]]:
    """Go back on one host; return what its program was asked."""
    fleet.start("a")
    current = str(calls.with_name("current"))

    def work() -> None:
        session.start_run(going_back.LOOKED_AT, going_back.described("shop", current, goal))

    fleet.on_each(work)
    fleet.add(going_back.converge)
    if not dry:
        run(fleet)
    lines = calls.read_text().splitlines() if calls.exists() else []
    return [line.split() for line in lines]


def test_a_rollback_is_asked_for_by_an_id_and_confirmed_over_a_new_connection(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch)
    anew: list[str] = []
    run_anew = second_login.run

    def noted(host: object, command: object, **arguments: object) -> object:
        anew.append(str(command))
        return run_anew(host, command, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(second_login, "run", noted)
    with caplog.at_level("INFO", logger="pyinfra"):
        asked = rolled_back(fleet, calls, RollbackTarget())
    (verb, app, held, id_, *by), *rest = asked
    assert (verb, app, held, by) == ("rollback", "shop", "--held", ["--by", "me@desk"])
    assert rest == [["confirm", "shop", id_]]
    assert len(anew) == 1
    assert fleet.failed() == set()
    assert "rollback  ~ new  (to what was confirmed before)" in caplog.text
    assert "now: old" in caplog.text


def test_a_named_goal_is_handed_on_and_so_is_force(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(calls, monkeypatch)
    (first, _) = rolled_back(fleet, calls, RollbackTarget("0123", force=True))
    assert first[:5] == ["rollback", "shop", "0123", "--force", "--held"]


@pytest.mark.parametrize("code", [1, 4])
def test_what_the_host_reverted_fails_and_is_told_by_its_own_word(
    fleet: Fleet,
    calls: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: int,
) -> None:
    placed(calls, monkeypatch, rollback=code)
    asked = rolled_back(fleet, calls, RollbackTarget())
    assert [words[0] for words in asked] == ["rollback", "revert"]
    assert fleet.failed() == {"a"}
    assert "not rolled back: web: last words" in caplog.text
    assert "reverted: " in caplog.text


def test_what_the_host_refused_is_told_with_its_reason_and_nothing_is_reverted(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch, rollback=3)
    asked = rolled_back(fleet, calls, RollbackTarget())
    assert [words[0] for words in asked] == ["rollback"]
    assert fleet.failed() == {"a"}
    assert "not rolled back, nothing was touched: web: last words" in caplog.text
    assert "reverted: " not in caplog.text


def test_what_is_not_confirmed_is_reverted(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch, confirm=1)
    asked = rolled_back(fleet, calls, RollbackTarget())
    assert [words[0] for words in asked] == ["rollback", "confirm", "revert"]
    assert fleet.failed() == {"a"}
    assert "it was not confirmed over a new connection" in caplog.text
    assert "now: " not in caplog.text


def test_a_host_without_the_program_is_told_to_be_deployed_to(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(resource, "PROGRAM", "/no/such/homeport")
    assert rolled_back(fleet, calls, RollbackTarget()) == []
    assert fleet.failed() == {"a"}
    assert "homeport's program is not on this host" in caplog.text


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch)
    with caplog.at_level("INFO", logger="pyinfra"):
        assert rolled_back(fleet, calls, RollbackTarget("0123"), dry=True) == []
    assert caplog.text.count("rollback  ~ new  (to 0123)") == 1


def test_a_plan_that_was_shown_before_the_run_is_not_shown_again_by_it(
    fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    placed(calls, monkeypatch)
    with caplog.at_level("INFO", logger="pyinfra"):
        rolled_back(fleet, calls, RollbackTarget("0123"), dry=True)
        prepared = caplog.text.count("rollback  ~ new  (to 0123)")
        run(fleet)
    assert calls.exists()
    assert prepared == caplog.text.count("rollback  ~ new  (to 0123)") == 1


def test_an_open_deploy_is_named_and_so_is_a_lock() -> None:
    past = DeployHistory(opened=True, locked="me: it's Friday")
    assert list(planned(past, RollbackTarget(force=True))) == [
        "rollback  ~ no release  (to what was confirmed before, forced)",
        "rollback    locked by me: it's Friday; a lock forbids deploys, and no way back",
        "rollback    a deploy is open there; the host decides whose turn it is",
    ]


@pytest.mark.parametrize("code", [0, 2])
def test_a_lock_is_the_hosts_own_word_and_a_failure_is_one(
    fleet: Fleet,
    calls: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: int,
) -> None:
    placed(calls, monkeypatch, lock=code)
    monkeypatch.setattr(locking, "who", lambda: "me@desk")
    fleet.start("a")
    with caplog.at_level("INFO", logger="pyinfra"):
        fleet.add(locking.lock, reason="it's Friday", lasting="2d")
        assert not calls.exists()
        run(fleet)
    assert calls.read_text() == "lock it's Friday --for 2d --by me@desk\n"
    assert "locked: it's Friday" in caplog.text
    assert fleet.failed() == ({"a"} if code else set())


def test_an_unlock_is_asked_for(fleet: Fleet, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed(calls, monkeypatch)
    fleet.start("a")
    fleet.add(locking.unlock)
    fleet.run()
    assert calls.read_text() == "unlock\n"


def test_a_history_is_a_table_with_the_newest_last(
    fleet: Fleet, calls: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def line(number: int) -> str:
        return json.dumps({"who": "me", "outcome": f"confirmed{number}", "stages": {"x": number}})

    told = "".join(f"{line(number)}\n" for number in range(4))
    (calls.parent / "kept/shop/history").write_text(told)
    fleet.start("a", "b")
    current = str(calls.with_name("current"))

    def work() -> None:
        app = "shop" if session.current_host().name == "@fake/a" else "other"
        wanted = HistoryQuery(app, current, lines=2)
        session.start_run(telling.LOOKED_AT, resource.DesiredState(app, (wanted,)))
        telling.print_history()

    with caplog.at_level("INFO", logger="pyinfra"):
        fleet.on_each(work)
    lines = [record.message.rpartition("] ")[2].split() for record in caplog.records]
    assert lines == [
        [*telling.HEADS],
        ["-", "me", *"----", "confirmed2", "2.0", "-"],
        ["-", "me", *"----", "confirmed3", "3.0", "-"],
        ["now:", "new"],
        ["no", "deploy", "is", "recorded", "here"],
        ["now:", "new"],
    ]
    assert not any(fleet.commands.values())
