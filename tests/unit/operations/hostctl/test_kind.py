"""The program that guards deploys is on a host as it is shipped, and runs there by itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand

from homeport.engine.host_programs import host_program
from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.hostctl import protocol
from homeport.operations.hostctl import deploy_state, kind
from homeport.operations.hostctl.kind import HostProgram, HostProgramState
from tests.support.fake_programs import Programs
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import SHELLS, checked

SHOP = DesiredState("shop", (HostProgram("shop"),))
ROOT = Path(__file__).parents[4]


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
        monkeypatch.setattr(kind, name, place)
    before = f"before=$(readlink {places['LIBRARY']} || :)"
    found = f"{places['FOLDERS']}/found"
    library = places["LIBRARY"]
    moved = f"if [ -d {library} ] && [ ! -L {library} ]; then mv -T {library} {found}; fi"
    monkeypatch.setattr(kind, "BEFORE", f"{before}\n{moved}")
    monkeypatch.setattr(protocol, "PROGRAM", f"{folder}/sbin/homeportctl")
    monkeypatch.setattr(deploy_state, "STATE", f"{folder}/state")
    for name in ("sbin", "lib", "units", "wants"):
        (folder / name).mkdir(parents=True)
    kind.entry_points.cache_clear()
    kind.digest.cache_clear()
    return folder


@pytest.fixture(autouse=True)
def cleared() -> object:
    yield
    kind.entry_points.cache_clear()
    kind.digest.cache_clear()


def looked(shell: Sequence[str] = ("sh",)) -> HostProgramState:
    return kind.parse(ProbeOutput(checked(kind.probe(SHOP, ""), shell), ""))


def ship(path: str) -> list[str]:
    """Look, and make of it what is described; returns the reasons."""
    found = looked()
    changes = kind.diff(SHOP, found)
    for command in kind.apply(SHOP, found, changes):
        assert isinstance(command, StringCommand)
        done = run_command(command, path=path)
        assert done.returncode == 0, done.stderr
    return [change.reason for change in changes]


@pytest.fixture
def path(programs: Programs, below: Path) -> str:
    return programs(systemctl=f'[ "$1" != enable ] || touch {below}/wants/"$3"', sync="")


@as_root
@pytest.mark.parametrize("shell", SHELLS)
def test_hostctl__it_is_shipped_once_and_found_as_it_was_shipped(
    shell: Sequence[str], path: str, below: Path, log: Path
) -> None:
    assert ship(path) == ["guards deploys; new"]
    assert looked(shell).is_shipped
    assert ship(path) == []
    assert (below / "sbin/homeportctl").stat().st_mode & 0o777 == 0o755
    calls = [line for line in log.read_text().splitlines() if line.startswith("systemctl")]
    assert calls == ["systemctl daemon-reload", "systemctl enable --quiet homeportctl-boot.service"]


@as_root
@pytest.mark.parametrize(
    "spoil",
    [
        "echo >>{}/lib/homeportctl/hostctl/transaction/journal.py",
        "rm {}/lib/homeportctl/hostctl/system/paths.py",
        "rm {}/lib/homeportctl",
        "chmod 644 {}/sbin/homeportctl",
        "echo >>{}/sbin/homeportctl",
        "echo >>{}/units/homeportctl-boot.service",
        "rm {}/wants/homeportctl-boot.service",
    ],
)
def test_hostctl__whatever_of_it_is_spoilt_is_put_right(spoil: str, path: str, below: Path) -> None:
    ship(path)
    subprocess.run(["sh", "-c", spoil.format(below)], check=True)
    assert ship(path) == ["not as it is shipped"]
    assert looked().is_shipped


@as_root
def test_another_version_takes_its_place_at_once_and_the_one_before_stays_for_who_is_at_work(
    path: str, below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(path)
    link, versions = below / "lib/homeportctl", below / "lib/homeportctl.versions"
    first = link.readlink()
    shipped = kind.modules()
    for text in (b"# two\n", b"# three\n"):
        newer = {**shipped, "release/more.py": text}
        monkeypatch.setattr(kind, "modules", lambda newer=newer: newer)
        kind.digest.cache_clear()
        before = link.readlink()
        ship(path)
        assert (link / "release/more.py").read_bytes() == text
        assert {str(folder) for folder in versions.iterdir()} == {
            str(before),
            str(link.readlink()),
        }
    assert not first.exists()


@as_root
def test_hostctl__a_folder_that_somebody_made_by_hand_gives_way(path: str, below: Path) -> None:
    (below / "lib/homeportctl").mkdir()
    (below / "lib/homeportctl/__main__.py").touch()
    ship(path)
    assert looked().is_shipped


@as_root
def test_hostctl__it_runs_from_there_with_nothing_else_of_the_project(
    path: str, below: Path
) -> None:
    ship(path)
    command = [sys.executable, "-I", "-B", f"{below}/lib/homeportctl", "no-such-verb"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("homeportctl: usage: ")


def test_hostctl__what_starts_it_finds_the_folder_behind_the_link() -> None:
    text = host_program("homeportctl").decode()
    assert (
        'exec /usr/bin/python3 -I -B "$(cd -P /usr/local/lib/homeportctl && pwd -P)" "$@"' in text
    )
    boot = host_program("homeportctl-boot.service").decode()
    for line in (
        "Before=nginx.service",
        "WantedBy=multi-user.target",
        f"ExecStart={protocol.PROGRAM} boot",
    ):
        assert f"\n{line}\n" in boot


def test_hostctl__a_host_that_nobody_described_a_guard_for_is_not_asked() -> None:
    assert kind.probe(DesiredState("shop", ()), "") == ":\n"
    assert kind.parse(ProbeOutput("", "")) == HostProgramState(False, False, None)
    assert kind.diff(DesiredState("shop", ()), HostProgramState(False, False, None)) == []
    assert kind.check_plan(DesiredState("shop", ()), HostProgramState(False, False, None), []) == []


def test_hostctl__the_look_starts_none_of_it() -> None:
    lines = kind.probe(SHOP, "").splitlines()
    assert not any("python" in line.partition(" ")[0] for line in lines)
    assert not any(line.lstrip().startswith(protocol.PROGRAM) for line in lines)
