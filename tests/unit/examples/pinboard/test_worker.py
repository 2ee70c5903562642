"""The worker: the watchdog is fed by writes that succeeded, and by nothing else."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest


@pytest.fixture
def notifications(pinboard, monkeypatch):
    """What systemd was told."""
    states = []
    monkeypatch.setattr(pinboard.worker, "notify", states.append)
    return states


def between(*steps):
    """A `stopped` that does one step after each beat, and stops after the last."""
    remaining = iter(steps)

    def stopped():
        step = next(remaining, None)
        if step is None:
            return True
        step()
        return False

    return stopped


def nothing():
    pass


def test_worker__ready_once_then_alive(pinboard, path, notifications):
    pinboard.worker.run(path, between(nothing, nothing))
    assert notifications == ["READY=1\nWATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]


def test_worker__new_notes_are_counted(pinboard, db, path, notifications):
    pinboard.worker.run(path, between(lambda: pinboard.store.add(db, "two words", time.time())))
    assert pinboard.store.latest(db, 1)[0]["words"] == 2
    host, at = pinboard.store.last_beat(db)
    assert host == os.uname().nodename
    assert time.time() - at < 5


def test_worker__no_sign_of_life_while_the_database_is_locked(
    pinboard, db, path, notifications, capsys
):
    def lock():
        db.execute("BEGIN IMMEDIATE")
        notifications.append("locked")

    def unlock():
        db.execute("ROLLBACK")
        notifications.append("unlocked")

    pinboard.worker.run(path, between(lock, unlock))
    assert notifications == ["READY=1\nWATCHDOG=1", "locked", "unlocked", "WATCHDOG=1"]
    assert "no beat: database is locked" in capsys.readouterr().err


def test_worker__not_ready_before_the_first_write(pinboard, path, notifications):
    path.mkdir()
    pinboard.worker.run(path, between(path.rmdir))
    assert notifications == ["READY=1\nWATCHDOG=1"]


def test_worker__a_restored_backup_is_noticed(pinboard, path, notifications):
    other = path.with_name("backup")
    with closing(pinboard.store.connect(other)) as backup:
        pinboard.store.add(backup, "from the backup", 1.0)

    def restore():
        for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            name.unlink(missing_ok=True)
        other.rename(path)

    pinboard.worker.run(path, between(restore))
    with closing(pinboard.store.connect(path)) as db:
        assert pinboard.store.latest(db, 1)[0]["words"] == 3
    assert notifications == ["READY=1\nWATCHDOG=1", "WATCHDOG=1"]


def test_worker__a_manager_that_does_not_listen_is_told_again(pinboard, path, monkeypatch):
    attempts = []

    def notify(state):
        attempts.append(state)
        if len(attempts) == 1:
            raise OSError("queue is full")

    monkeypatch.setattr(pinboard.worker, "notify", notify)
    pinboard.worker.run(path, between(nothing))
    assert attempts == ["READY=1\nWATCHDOG=1"] * 2


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_worker__stops_cleanly_within_a_second(application, tmp_path, stop):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        worker = subprocess.Popen(
            [sys.executable, "-m", "pinboard.worker"],
            cwd=application,
            env={"STATE_DIRECTORY": str(tmp_path), "NOTIFY_SOCKET": str(tmp_path / "notify")},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert manager.recv(100) == b"READY=1\nWATCHDOG=1"
            started = time.monotonic()
            worker.send_signal(stop)
            stderr = worker.communicate(timeout=20)[1]
        finally:
            worker.kill()
            worker.wait()
        assert time.monotonic() - started < 1
    assert worker.returncode == 0
    assert stderr.endswith("pinboard worker: stopped\n")
