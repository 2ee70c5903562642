"""A daemon of the system reads its settings anew when they change, and also when a deploy died."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.files import managed_set
from homeport.files.entries import Directory, File
from homeport.operations.bootstrap import system_services
from homeport.operations.bootstrap.system_services import SystemService, SystemServicesState
from tests.support.fake_programs import Programs
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import run

RUNNING = "Id=a.service\nActiveState=active\nUnitFileState=static"
STOPPED = "Id=b.timer\nActiveState=inactive\nUnitFileState=disabled"


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DesiredState:
    monkeypatch.setattr(managed_set, "ledger_path", lambda app, name: f"{tmp_path}/var/{name}")
    monkeypatch.setattr(system_services, "DUE", f"{tmp_path}/due")
    setting = (Directory(f"{tmp_path}/a.d"), File(f"{tmp_path}/a.d/ours.conf", b"x=1\n"))
    return DesiredState("_host", (SystemService("a.service", setting), SystemService("b.timer")))


def probe(described: DesiredState, path: str) -> SystemServicesState:
    done = run(f"set -eu\n{system_services.probe(described, 'key')}", path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    return system_services.parse(ProbeOutput(done.stdout.decode(), "key"))


def systemctl(*units: str) -> str:
    output = "\n\n".join(units)
    return f'case "$1" in show) cat <<TOLD\n{output}\nTOLD\n;; esac'


def reasons(described: DesiredState, actual: SystemServicesState) -> dict[str, str]:
    changes = system_services.diff(described, actual)
    return {c.target.name: c.reason for c in changes if isinstance(c.payload, SystemService)}


@as_root
def test_system_services__settings_are_written_then_read_and_then_there_is_nothing_to_do(
    described: DesiredState, programs: Programs, log: Path, tmp_path: Path
) -> None:
    path = programs(systemctl=systemctl(RUNNING, STOPPED))
    found = probe(described, path)
    assert reasons(described, found) == {
        "a.service": "restarted: its settings change",
        "b.timer": "enabled; started: it is inactive",
    }
    (command,) = system_services.apply(described, found, system_services.diff(described, found))
    done = run_command(command, path=path)
    assert done.returncode == 0, done.stderr
    assert log.read_text().splitlines()[1:] == [
        "systemctl enable --quiet b.timer",
        "systemctl restart a.service b.timer",
    ]
    assert list((tmp_path / "due").iterdir()) == []

    there = probe(described, programs_again(programs, tmp_path, RUNNING, STOPPED))
    assert system_services.diff(described, there) == []


def programs_again(programs: Programs, tmp_path: Path, running: str, stopped: str) -> str:
    """The host after systemctl did what it was told."""
    started = stopped.replace("inactive", "active").replace("disabled", "enabled")
    file = tmp_path / "programs/systemctl"
    file.write_text(f"#!/bin/sh\n{systemctl(running, started)}\n")
    return f"{tmp_path}/programs:/usr/sbin:/usr/bin:/sbin:/bin"


@as_root
def test_system_services__a_restart_that_never_came_is_made_up_for(
    described: DesiredState, programs: Programs, log: Path, tmp_path: Path
) -> None:
    path = programs(systemctl=f'[ "$1" != restart ] || exit 1\n{systemctl(RUNNING, STOPPED)}')
    found = probe(described, path)
    (command,) = system_services.apply(described, found, system_services.diff(described, found))
    assert run_command(command, path=path).returncode == 1
    assert (tmp_path / "a.d/ours.conf").exists()

    path = programs_again(programs, tmp_path, RUNNING, STOPPED)
    found = probe(described, path)
    assert reasons(described, found) == {
        "a.service": "restarted: it has yet to read its settings",
        "b.timer": "restarted: it has yet to read its settings",
    }
    (command,) = system_services.apply(described, found, system_services.diff(described, found))
    assert run_command(command, path=path).returncode == 0
    assert system_services.diff(described, probe(described, path)) == []


def test_system_services__a_unit_that_is_not_installed_yet_is_enabled_as_well(
    described: DesiredState, programs: Programs
) -> None:
    unknown = "Id=b.timer\nActiveState=inactive\nUnitFileState="
    found = probe(described, programs(systemctl=systemctl(RUNNING, unknown)))
    assert reasons(described, found)["b.timer"] == "enabled; started: it is inactive"


def test_system_services__a_half_answer_of_systemd_is_not_believed(
    described: DesiredState, programs: Programs
) -> None:
    with pytest.raises(ProbeError):
        probe(described, programs(systemctl=systemctl("Id=a.service\nActiveState=active")))


def test_system_services__no_daemon_is_asked_about_where_none_is_described(
    programs: Programs, log: Path
) -> None:
    undescribed = DesiredState("_host", ())
    assert system_services.diff(undescribed, probe(undescribed, programs(systemctl="exit 1"))) == []
    assert log.read_text() == ""
