"""uv for the host: its own wheel's binary, of the version that the controller has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import uv as uv_package

from homeport.artifacts import Lock, Pinned, PythonPlatform, uv, uv_binary, wheels_for
from homeport.errors import UserError

MakeWheel = Callable[..., Pinned]
UV = version("uv")
TAG = "py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"


@pytest.fixture
def locked(make_wheel: MakeWheel, target: PythonPlatform, tmp_path: Path) -> Path:
    """A lock of a uv that is made by hand."""
    pin = make_wheel("uv", UV, TAG, {f"uv-{UV}.data/scripts/uv": "the binary"})
    file = tmp_path / "requirements.lock"
    file.write_text(Lock.of([pin], target).text())
    return file


def test_uv__the_binary_comes_from_the_wheel_for_the_hosts_architecture(
    locked: Path, tmp_path: Path
) -> None:
    binary = uv_binary("arm64", tmp_path / "cache", locked)
    assert binary == tmp_path / "cache" / "uv" / f"{UV}-arm64" / "uv"
    assert binary.read_text() == "the binary"
    assert binary.stat().st_mode & 0o777 == 0o755


def test_uv__the_second_time_neither_lock_nor_index_is_needed(locked: Path, tmp_path: Path) -> None:
    binary = uv_binary("arm64", tmp_path / "cache", locked)
    locked.unlink()
    assert uv_binary("arm64", tmp_path / "cache", locked) == binary


def test_uv__a_uv_that_is_not_the_locked_one_is_refused(locked: Path, tmp_path: Path) -> None:
    locked.write_text(f"uv=={UV} --hash=sha256:{'a' * 64}\n")
    with pytest.raises(UserError, match="not one that the lock names"):
        uv_binary("arm64", tmp_path / "cache", locked)


def test_uv__a_controller_with_another_uv_than_locked_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"uv==0.0.1 --hash=sha256:{'a' * 64}\n")
    with pytest.raises(UserError, match=f"uv {UV} is installed, but this file doesn't lock it"):
        uv_binary("arm64", tmp_path / "cache", lock)


def test_uv__homeports_own_lock_names_a_uv_for_both_architectures() -> None:
    for architecture in ("amd64", "arm64"):
        pin = uv._pin(UV, PythonPlatform(architecture, "3.11", "12"), uv._PROJECT_LOCK)
        assert pin.hashes


def test_uv__uv_makes_a_venv_of_the_wheels_offline_and_by_their_hashes(
    make_wheel: MakeWheel, target: PythonPlatform, tmp_path: Path
) -> None:
    lock = Lock.of([make_wheel("one"), make_wheel("two", "2.0")], target)
    wheels = wheels_for(lock, target, cache=tmp_path / "cache")
    (tmp_path / "lock.txt").write_text(lock.text())
    program, venv = uv_package.find_uv_bin(), tmp_path / "venv"
    environment = {**os.environ, "UV_CACHE_DIR": str(tmp_path / "uv"), "UV_NO_CONFIG": "1"}
    links = [f"--find-links={wheel.path.parent}" for wheel in wheels]
    sync = ["pip", "sync", "--no-index", "--require-hashes", f"--python={venv}", *links]
    for command in (["venv", str(venv)], [*sync, str(tmp_path / "lock.txt")]):
        subprocess.run(
            [program, "--offline", "--quiet", *command], check=True, env=environment, timeout=60
        )
    subprocess.run([venv / "bin" / "python", "-c", "import one, two"], check=True)
