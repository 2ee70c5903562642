"""A deploy gets the host for itself, and a way back, before it writes; or it touches nothing."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from homeport.hostctl.slots.pointer import Pointer
from homeport.hostctl.system import atomic_files
from homeport.hostctl.system.disk_reserve import Reserve
from homeport.hostctl.system.exit_codes import DONE, FAILED, REFUSED, USAGE
from homeport.hostctl.system.mutex import exclusive
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.system.process_handle import _living
from homeport.hostctl.system.subprocesses import CompletedCommand
from homeport.hostctl.transaction import lease
from homeport.hostctl.verbs import begin
from tests.support.disk_faults import cuts, full
from tests.support.rehearsed_host import APP, Noted, Rehearsed

ENV = "/etc/homeport/shop/environment"


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """What the deploy came by: it can be ended."""
    with subprocess.Popen(["sleep", "60"]) as process:
        monkeypatch.setattr(begin, "session", lambda: _living(process.pid))
        yield process
        process.kill()


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_begin__a_deploy_that_begins_has_a_lease_a_journal_and_a_dead_man(
    rehearsed: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    rehearsed.place.own.mkdir(parents=True)
    rehearsed.place.active.write_text(
        "version 1\nslot a\ngeneration 0123456789ab\nrelease /srv/shop/r/1\n"
    )
    rehearsed.place.srv.mkdir(parents=True)
    rehearsed.place.current.symlink_to("releases/1")
    facts = {"what": "deploy", "commit": "abc", "dirty": True, "plan": "f00", "ttl": 60}
    assert rehearsed.begin(**facts) == DONE

    holder = {"pid": connection.pid, "start": _living(connection.pid)[1]}  # type: ignore[index]
    since, moment = "2023-11-14T22:13:20Z", {"boot": "boot-1", "mono": 100.0}
    assert atomic_files.document(rehearsed.place.lease) == {
        "id": "d1", "app": APP, "who": "eve@desk", "what": "deploy", "since": since,
        "holder": holder, "moment": moment, "ttl": 60.0,
    }  # fmt: skip
    journal = rehearsed.journal()
    assert journal is not None
    assert journal.lines == [
        {
            **facts, "id": "d1", "who": "eve@desk", "state": "armed", "since": since,
            "moment": moment, "holder": holder,
            "before": {
                "active": {
                    "slot": "a", "generation": "0123456789ab", "release": "/srv/shop/r/1",
                },
                "current": "releases/1",
            },
        }
    ]  # fmt: skip
    (run,) = rehearsed.commands.ran
    assert run[0] == "systemd-run"
    assert "--unit=homeportctl-watchdog-shop.service" in run
    assert run[-4:] == ["/usr/local/sbin/homeportctl", "watchdog", "shop", "d1"]


def test_begin__a_login_that_ends_with_its_command_holds_no_deploy(
    rehearsed: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    assert rehearsed.begin(held=False, ttl=60) == DONE
    end(connection)
    journal = rehearsed.journal()
    assert journal is not None
    assert journal.first["holder"] is None
    assert "held" not in journal.first
    assert journal.remaining() == 60
    assert rehearsed.begin("d2") == REFUSED


def test_begin__the_same_deploy_may_begin_again_and_gets_its_dead_man_back(
    rehearsed: Rehearsed,
) -> None:
    rehearsed.begin()
    before = rehearsed.place.journal.read_bytes()
    assert rehearsed.begin() == DONE
    rehearsed.commands.active.clear()
    assert rehearsed.begin() == DONE
    assert rehearsed.commands.active == {"homeportctl-watchdog-shop.service"}
    assert rehearsed.place.journal.read_bytes() == before


def test_begin__a_second_deploy_is_refused_and_told_whose_the_first_is(
    rehearsed: Rehearsed, connection: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsed.begin()
    before = (rehearsed.place.journal.read_bytes(), rehearsed.place.lease.read_bytes())
    assert rehearsed.begin("d2", who="mallory@desk") == REFUSED
    assert rehearsed.run("begin", "other", says='{"id": "d3", "who": "m"}\n') == REFUSED
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "deploy of shop by eve@desk, since 2023-11-14T22:13:20Z" in lines[0]
    assert before == (rehearsed.place.journal.read_bytes(), rehearsed.place.lease.read_bytes())


def test_begin__of_two_that_begin_at_once_one_is_refused(
    rehearsed: Rehearsed, connection: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def waiting(place: AppPaths) -> Iterator[None]:
        # Somebody else was faster.
        monkeypatch.setattr(begin, "exclusive", exclusive)
        assert rehearsed.begin("d2") == DONE
        with exclusive(place):
            yield

    monkeypatch.setattr(begin, "exclusive", waiting)
    assert rehearsed.begin("d1") == REFUSED
    journal = rehearsed.journal()
    assert journal is not None
    assert journal.id == "d2"


def _ended(rehearsed: Rehearsed, connection: subprocess.Popen[bytes]) -> str:
    end(connection)
    return "its connection is gone"


def _rebooted(rehearsed: Rehearsed, connection: subprocess.Popen[bytes]) -> str:
    rehearsed.clock.reboot()
    return "the host was started anew"


def _expired(rehearsed: Rehearsed, connection: subprocess.Popen[bytes]) -> str:
    rehearsed.clock.passed += 900
    return "its time is up"


@pytest.mark.parametrize("die", [_ended, _rebooted, _expired])
def test_begin__a_deploy_that_died_is_reverted_by_the_next_which_says_so(
    rehearsed: Rehearsed,
    connection: subprocess.Popen[bytes],
    capsys: pytest.CaptureFixture[str],
    die: Any,
) -> None:
    rehearsed.write(ENV, "as it was")
    rehearsed.begin()
    rehearsed.run("snapshot", APP, "d1", ENV)
    rehearsed.write(ENV, "half done")
    why = die(rehearsed, connection)
    # Another application of the same host comes next.
    assert rehearsed.run("begin", "other", says='{"id": "d2", "who": "bob"}\n') == DONE
    assert rehearsed.read(ENV) == "as it was"
    assert rehearsed.reverted == [f"d1: {why}"]
    output = capsys.readouterr().out
    assert (
        f"took over from the deploy of shop by eve@desk, since 2023-11-14T22:13:20Z: {why}"
        in output
    )
    assert "reverted deploy d1 of shop" in output
    held = lease.read(rehearsed.place)
    assert held is not None
    assert (held.id, held.app) == ("d2", "other")


def test_begin__a_clock_that_jumps_ends_no_deploy(
    rehearsed: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    rehearsed.begin()
    for jump in (1e9, -2e9):
        rehearsed.clock.wall_time += jump
        assert rehearsed.begin("d2") == REFUSED


def test_begin__a_deploy_that_is_heard_of_keeps_its_time(
    rehearsed: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    rehearsed.begin()
    rehearsed.clock.passed += 800
    rehearsed.run("snapshot", APP, "d1", ENV)
    rehearsed.clock.passed += 800
    assert rehearsed.begin("d2") == REFUSED
    journal = rehearsed.journal()
    assert journal is not None
    journal.note("activating")
    rehearsed.clock.passed += 800
    assert rehearsed.begin("d2") == REFUSED
    rehearsed.clock.passed += 200
    assert rehearsed.begin("d2") == DONE


def test_begin__a_deploy_that_was_left_without_a_lease_is_reverted_as_well(
    rehearsed: Rehearsed,
) -> None:
    rehearsed.begin()
    rehearsed.place.lease.unlink()
    assert rehearsed.begin("d2") == DONE
    assert rehearsed.reverted == ["d1: it was left open"]


def test_begin__a_deploy_that_cannot_be_reverted_lets_no_other_begin(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsed.begin()
    rehearsed.clock.reboot()
    monkeypatch.setattr("tests.support.rehearsed_host.Reverting.revert", lambda *arguments: FAILED)
    assert rehearsed.begin("d2") == FAILED
    assert "deploy d1 of shop was left open, and can't be reverted" in capsys.readouterr().err
    journal = rehearsed.journal()
    assert journal is not None
    assert journal.id == "d1"


def test_begin__a_host_without_a_way_back_is_not_begun_with(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsed.commands.failing.add("systemd-run")
    assert rehearsed.begin() == FAILED
    assert "the dead-man can't be armed: it is broken" in capsys.readouterr().err
    assert rehearsed.journal() is None
    assert not rehearsed.place.lease.exists()
    rehearsed.commands.failing.clear()
    assert rehearsed.begin("d2") == DONE


def test_begin__a_dead_man_of_an_older_deploy_is_out_of_the_way(rehearsed: Rehearsed) -> None:
    class Occupied(Noted):
        def run(self, argv: Sequence[str], **named: Any) -> CompletedCommand:
            if argv[0] == "systemd-run" and self.active:
                return CompletedCommand(
                    1, "", "Unit homeportctl-watchdog-shop.service already exists"
                )
            return super().run(argv, **named)

    rehearsed.commands = Occupied(active={"homeportctl-watchdog-shop.service"})
    assert rehearsed.begin() == DONE
    assert rehearsed.commands.ran[-1][-1] == "d1"
    assert rehearsed.commands.active == {"homeportctl-watchdog-shop.service"}


def test_begin__a_locked_host_is_not_deployed_to_but_goes_back(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsed.run("lock", "it", "is", "Friday", "--for", "2d", "--user", "eve")
    assert rehearsed.begin() == REFUSED
    assert "locked by eve since 2023-11-14T22:13:20Z, until 2023-11-16 22:13 UTC: it is Friday" in (
        capsys.readouterr().err
    )
    assert rehearsed.journal() is None
    assert rehearsed.begin("r1", what="rollback") == DONE


BASIS: dict[str, Any] = {"boot": "boot-1", "last": None, "generation": None, "paths": []}


def _deployed(rehearsed: Rehearsed) -> str:
    line = {"id": "d0", "what": "deploy", "who": "bob@desk", "outcome": "confirmed", "when": "noon"}
    rehearsed.place.own.mkdir(parents=True)
    atomic_files.append(rehearsed.place.history, {"id": "d-1"}, line)
    return "the deploy of shop by bob@desk was confirmed at noon"


def _repointed(rehearsed: Rehearsed) -> str:
    rehearsed.place.own.mkdir(parents=True)
    Pointer("a", "g2", "/srv/shop/releases/2").write(rehearsed.place)
    return "generation g2 serves shop, in place of None"


def _started_anew(rehearsed: Rehearsed) -> str:
    rehearsed.clock.reboot()
    return "the host was started anew"


def _pruned(rehearsed: Rehearsed) -> str:
    rehearsed.place.at("/srv/shop/releases/1").rmdir()
    return "/srv/shop/releases/1 was removed"


@pytest.mark.parametrize("move", [_deployed, _repointed, _started_anew, _pruned])
def test_begin__a_host_that_moved_after_the_plan_was_made_says_what_when_and_by_whom(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str], move: Any
) -> None:
    rehearsed.place.at("/srv/shop/releases/1").mkdir(parents=True)
    basis = {**BASIS, "paths": ["/srv/shop/releases/1"]}
    assert rehearsed.begin("d1", basis=basis) == DONE
    journal = rehearsed.journal()
    assert journal is not None
    assert "basis" not in journal.first
    journal.close()
    rehearsed.place.lease.unlink()
    rehearsed.place.last_journal.unlink()
    rehearsed.place.own.rmdir()
    rehearsed.commands.active.clear()
    what = move(rehearsed)
    before = sorted(rehearsed.root.rglob("*"))
    assert rehearsed.begin("d2", basis=basis) == REFUSED
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"homeportctl: {what}, after this plan was made."
        " Fix: run it again, for a plan of what is there now"
    )
    assert rehearsed.journal() is None
    assert not rehearsed.place.lease.exists()
    assert sorted(rehearsed.root.rglob("*")) == before
    assert rehearsed.commands.active == set()


def test_begin__a_plan_is_judged_when_no_other_deploy_is_at_work_any_more(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def waiting(place: AppPaths) -> Iterator[None]:
        with exclusive(place):
            _deployed(rehearsed)
            yield

    monkeypatch.setattr(begin, "exclusive", waiting)
    assert rehearsed.begin("d1", basis=BASIS) == REFUSED
    assert rehearsed.journal() is None


def test_begin__what_a_dead_deploy_left_is_no_move_where_it_is_taken_over(
    rehearsed: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    assert rehearsed.begin("d1", basis=BASIS) == DONE
    end(connection)
    assert rehearsed.begin("d2", basis=BASIS) == DONE
    assert rehearsed.reverted == ["d1: its connection is gone"]


@pytest.mark.parametrize(
    "line",
    ['{"id": "d1", "who": "e", "basis": []}', "", "{", "[]",
     "null", '{"who": "eve"}', '{"id": "d1"}', '{"id": "a b", "who": "e"}',
     '{"id": 1, "who": "e"}', '{"id": "d1", "who": "e", "ttl": 0}',
     '{"id": "d1", "who": "e", "ttl": "9"}', '{"id": "d1", "who": "e", "ttl": true}'],
)  # fmt: skip
def test_begin__what_is_not_understood_is_told_in_one_line_and_begins_nothing(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert rehearsed.run("begin", APP, says=f"{line}\n") == USAGE
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not rehearsed.place.lease.exists()
    assert rehearsed.commands.ran == []


def test_begin_that_is_cut_off_anywhere_stands_in_nobodys_way(tmp_path: Path) -> None:
    numbers, hosts = itertools.count(), {}

    def fresh() -> Path:
        root = tmp_path / str(next(numbers))
        root.mkdir()
        hosts[root] = Rehearsed(root)
        hosts[root].write(ENV, "as it was")
        return root

    for number, root in enumerate(cuts(lambda root: hosts[root].begin(), fresh)):
        host = hosts[root]
        if number % 2:
            host.clock.reboot()
            assert host.begin("d2") == DONE
        else:
            assert host.begin("d1") == DONE
        journal = host.journal()
        assert journal is not None
        assert journal.id == ("d2" if number % 2 else "d1")
        assert host.commands.active == {"homeportctl-watchdog-shop.service"}
        assert host.read(ENV) == "as it was"


def test_begin__a_full_disk_leaves_room_to_begin_and_to_keep(rehearsed: Rehearsed) -> None:
    rehearsed.write(ENV, "as it was")
    rehearsed.run("unlock")
    before = pieces(rehearsed)
    assert sum(piece.stat().st_blocks * 512 for piece in before) == 1024 * 1024
    filled = len(before)

    def room() -> bool:
        # Whatever fills the disk takes each piece that is free, right after we had our turn.
        nonlocal filled
        freed, filled = filled - len(pieces(rehearsed)), len(pieces(rehearsed))
        return freed > 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reserve, "make", lambda self: None)
        with full(room, rehearsed.place.state):
            assert rehearsed.begin() == DONE
            assert rehearsed.run("snapshot", APP, "d1", ENV) == DONE
            rehearsed.write(ENV, "new")
            rehearsed.clock.reboot()
            assert rehearsed.begin("d2") == DONE
    assert rehearsed.read(ENV) == "as it was"
    assert 0 < len(pieces(rehearsed)) < len(before)
    rehearsed.run("unlock")
    assert pieces(rehearsed) == before


def pieces(rehearsed: Rehearsed) -> list[Path]:
    return sorted(rehearsed.place.reserve.iterdir())


def test_begin__a_disk_without_any_room_is_told_and_nothing_is_begun(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsed.run("unlock")
    with full(lambda: False, rehearsed.place.state):
        assert rehearsed.begin() == FAILED
    assert "No space left on device" in capsys.readouterr().err
    assert rehearsed.journal() is None
    assert rehearsed.begin() == DONE
