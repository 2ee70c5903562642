"""The host program as it is shipped to a host that is a folder of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.hostctl import protocol
from homeport.operations.hostctl import apply, deploy_state, kind, program
from homeport.operations.hostctl import probe as probing
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.hostctl.resources import HostProgram
from tests.support.fake_programs import Programs
from tests.support.real_delivery import run_command
from tests.support.real_shell import checked

SHOP = DesiredState("shop", (HostProgram("shop"),))
MODULES = (program, probing, apply, kind)


def patch(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    """Have a name stand for something else in every module that has it."""
    for module in MODULES:
        if hasattr(module, name):
            monkeypatch.setattr(module, name, value)


@pytest.fixture(autouse=True)
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have everything below one folder, instead of on this machine."""
    folder = tmp_path / "host"
    places = {
        "LIBRARY": f"{folder}/lib/homeportctl",
        "FOLDERS": f"{folder}/lib/homeportctl.versions",
        "UNIT": f"{folder}/units/homeportctl-boot.service",
        "ENABLED": f"{folder}/wants/homeportctl-boot.service",
    }
    for name, place in places.items():
        patch(monkeypatch, name, place)
    before = f"before=$(readlink {places['LIBRARY']} || :)"
    found = f"{places['FOLDERS']}/found"
    library = places["LIBRARY"]
    moved = f"if [ -d {library} ] && [ ! -L {library} ]; then mv -T {library} {found}; fi"
    patch(monkeypatch, "BEFORE", f"{before}\n{moved}")
    monkeypatch.setattr(protocol, "PROGRAM", f"{folder}/sbin/homeportctl")
    monkeypatch.setattr(deploy_state, "STATE", f"{folder}/state")
    for name in ("sbin", "lib", "units", "wants"):
        (folder / name).mkdir(parents=True)
    program.entry_points.cache_clear()
    program.digest.cache_clear()
    return folder


@pytest.fixture(autouse=True)
def cleared() -> object:
    yield
    program.entry_points.cache_clear()
    program.digest.cache_clear()


def looked(shell: Sequence[str] = ("sh",)) -> HostProgramState:
    return probing.parse(ProbeOutput(checked(probing.probe(SHOP, ""), shell), ""))


def ship(path: str) -> list[str]:
    """Look, and make of it what is described; returns the reasons."""
    found = looked()
    changes = kind.diff(SHOP, found)
    for command in apply.apply(SHOP, found, changes):
        assert isinstance(command, StringCommand)
        done = run_command(command, path=path)
        assert done.returncode == 0, done.stderr
    return [change.reason for change in changes]


@pytest.fixture
def path(programs: Programs, below: Path) -> str:
    return programs(systemctl=f'[ "$1" != enable ] || touch {below}/wants/"$3"', sync="")
