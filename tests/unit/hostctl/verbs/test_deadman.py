"""The dead-man waits as long as a deploy is held, and not a moment longer."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from homeport.hostctl.protocol import SOAKED, TTL
from homeport.hostctl.system.exit_codes import DONE, FAILED
from homeport.hostctl.system.mutex import exclusive
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.system.process_handle import ProcessHandle, _living
from homeport.hostctl.transaction import deadman_unit
from homeport.hostctl.verbs import begin, deadman
from tests.support.rehearsed_host import APP, Rehearsed

ENV = "/etc/homeport/shop/environment"


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        monkeypatch.setattr(begin, "session", lambda: _living(process.pid))
        yield process
        process.kill()


@pytest.fixture
def begun(rehearsed: Rehearsed, connection: subprocess.Popen[bytes]) -> Rehearsed:
    rehearsed.write(ENV, "as it was")
    rehearsed.begin()
    rehearsed.run("snapshot", APP, "d1", ENV)
    rehearsed.write(ENV, "half done")
    rehearsed.commands.ran.clear()
    return rehearsed


def after(moment: float, do: Any) -> None:
    threading.Timer(moment, do).start()


def test_deadman__a_connection_that_ends_reverts_its_deploy(
    begun: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    after(0.1, connection.kill)
    assert begun.run("watchdog", APP, "d1") == DONE
    assert begun.reverted == ["d1: its connection was gone"]
    assert begun.read(ENV) == "as it was"
    assert begun.clock.passed == 100 + deadman.GRACE


def test_deadman__it_does_not_end_itself_while_it_reverts(
    begun: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    connection.kill()
    begun.run("watchdog", APP, "d1")
    assert ["systemctl", "stop", "homeportctl-watchdog-shop.service"] not in begun.commands.ran
    deadman_unit.disarm(begun.place, begun.commands)
    assert ["systemctl", "stop", "homeportctl-watchdog-shop.service"] in begun.commands.ran


def test_deadman__what_ends_well_within_the_grace_is_left(
    begun: Rehearsed, connection: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirmed(seconds: float) -> None:
        journal = begun.journal()
        assert journal is not None
        journal.close()

    monkeypatch.setattr(begun.clock, "sleep", confirmed)
    connection.kill()
    assert begun.run("watchdog", APP, "d1") == DONE
    assert begun.reverted == []
    assert begun.read(ENV) == "half done"


def test_deadman__time_that_is_up_reverts_though_somebody_holds_it(begun: Rehearsed) -> None:
    begun.clock.passed += 901
    assert begun.run("watchdog", APP, "d1") == DONE
    assert begun.reverted == ["d1: its time was up"]


def test_deadman__a_reboot_is_the_end_of_all_time(begun: Rehearsed) -> None:
    begun.clock.reboot()
    assert begun.run("watchdog", APP, "d1") == DONE
    assert begun.reverted == ["d1: its time was up"]


def test_deadman__without_a_connection_to_watch_it_waits_for_the_time(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begin, "session", lambda: None)
    rehearsed.begin(ttl=60)
    assert rehearsed.run("watchdog", APP, "d1") == DONE
    assert rehearsed.clock.passed == 160
    assert rehearsed.reverted == ["d1: its time was up"]


def test_deadman__time_counts_anew_from_all_that_is_noted(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begin, "session", lambda: None)
    rehearsed.begin(ttl=60)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        rehearsed.clock.passed += seconds / 2
        if len(slept) == 1 and (journal := rehearsed.journal()) is not None:
            journal.note("writing")
        rehearsed.clock.passed += seconds / 2

    monkeypatch.setattr(rehearsed.clock, "sleep", sleep)
    rehearsed.run("watchdog", APP, "d1")
    assert slept == [60, 30]


def test_deadman__a_deploy_that_is_over_is_waited_for_no_longer(begun: Rehearsed) -> None:
    assert begun.run("watchdog", APP, "d0") == DONE
    assert begun.reverted == []


def test_deadman__it_waits_for_whoever_is_at_work(
    begun: Rehearsed, connection: subprocess.Popen[bytes]
) -> None:
    connection.kill()
    holding = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
        "print(flush=True); time.sleep(0.3); print(time.monotonic())"
    )
    with subprocess.Popen(
        ["python3", "-c", holding, begun.place.mutex], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        begun.run("watchdog", APP, "d1")
        now = time.monotonic()
        assert float(other.stdout.readline()) <= now
    assert begun.reverted


def test_deadman__a_revert_that_fails_is_tried_again_by_systemd(
    begun: Rehearsed, connection: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.kill()
    monkeypatch.setattr("tests.support.rehearsed_host.Reverting.revert", lambda *arguments: FAILED)
    assert begun.run("watchdog", APP, "d1") == FAILED
    assert "Restart=always" in deadman_unit.PROPERTIES


def test_deadman__it_says_when_it_waits(
    begun: Rehearsed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"{tmp_path}/notify")
        monkeypatch.setenv("NOTIFY_SOCKET", f"{tmp_path}/notify")
        begun.clock.reboot()
        begun.run("watchdog", APP, "d1")
        assert systemd.recv(100) == b"READY=1"


def test_deadman__an_activation_that_took_longer_than_its_time_has_all_of_it_to_be_confirmed(
    begun: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun.clock.passed += 901
    waits = 0

    @contextmanager
    def activation(place: AppPaths) -> Iterator[None]:
        # What was alone at work has come to its end, by the time that the dead-man is alone.
        nonlocal waits
        waits += 1
        journal = begun.journal()
        assert journal is not None
        if waits == 1:
            journal.note(SOAKED)
        with exclusive(place):
            yield

    def wait(holder: ProcessHandle, seconds: float) -> bool:
        begun.clock.passed += seconds
        return False

    monkeypatch.setattr(deadman, "exclusive", activation)
    monkeypatch.setattr(ProcessHandle, "wait", wait)
    assert begun.run("watchdog", APP, "d1") == DONE
    assert begun.reverted == ["d1: its time was up"]
    assert (waits, begun.clock.passed) == (2, 100 + 901 + 900)


def test_deadman__a_deploy_that_is_renewed_is_left_alone_for_as_long_as_it_takes(
    begun: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def wait(holder: ProcessHandle, seconds: float) -> bool:
        waited.append(seconds)
        begun.clock.passed += seconds / 2
        if len(waited) < 10:
            assert begun.run("renew", APP, "d1") == DONE
        begun.clock.passed += seconds / 2
        return False

    monkeypatch.setattr(ProcessHandle, "wait", wait)
    assert begun.run("watchdog", APP, "d1") == DONE
    # Ten waits, of which only the last one brought no renewal.
    assert (len(waited), begun.clock.passed) == (10, 100 + sum(waited))
    assert begun.clock.passed > 100 + 5 * TTL
    assert begun.reverted == ["d1: its time was up"]
