"""What artifacts.download promises."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from homeport.artifacts import Pinned, PythonPlatform, download, wheels_for
from homeport.artifacts.download import explain
from homeport.errors import UserError
from tests.support.wheel_cache import ARM, LockOf, MakeWheel, cache

__all__ = ["cache"]


def test_download__a_missing_wheel_names_package_platform_and_choices(
    make_wheel: MakeWheel, lock_of: LockOf, target: PythonPlatform, cache: Path
) -> None:
    make_wheel("fast", "0.9", ARM)
    make_wheel("fast", "1.0", "cp312-cp312-manylinux_2_17_aarch64")
    pin = make_wheel("fast", "1.0", "cp311-cp311-win_amd64")
    with pytest.raises(UserError) as raised:
        wheels_for(lock_of(make_wheel("pure"), pin), target, cache=cache)
    assert str(raised.value) == (
        "fast==1.0 has no wheel for Debian 12, arm64, Python 3.11 (the index has it for other "
        "systems or Pythons: cp311, cp312). Fix: pin another version that has one (0.9), name an "
        "index that has one as index: in app.yml, or build a manylinux wheel yourself and put it "
        "on your index."
    )
    assert not list((cache / "tmp").iterdir())


def test_download__source_is_never_built(
    index: Path, lock_of: LockOf, target: PythonPlatform, cache: Path
) -> None:
    ran = index / "ran"
    setup = index / "setup.py"
    setup.write_text(f"open({str(ran)!r}, 'w')\n")
    with tarfile.open(index / "slow-1.0.tar.gz", "w:gz") as archive:
        archive.add(setup, "slow-1.0/setup.py")
    pin = Pinned("slow", "1.0", ("a" * 64,))
    with pytest.raises(UserError, match=r"slow==1\.0 has no wheel .* has only its source"):
        wheels_for(lock_of(pin), target, cache=cache)
    assert not ran.exists()


def test_download__a_wheel_that_is_not_the_one_locked_is_refused(
    make_wheel: MakeWheel, lock_of: LockOf, target: PythonPlatform, cache: Path
) -> None:
    make_wheel("one")
    with pytest.raises(UserError, match=r"one==1\.0 is not one that the lock names"):
        wheels_for(lock_of(Pinned("one", "1.0", ("a" * 64,))), target, cache=cache)
    assert not (cache / "wheels").exists()


def test_download__an_index_out_of_reach_is_not_a_missing_wheel(
    make_wheel: MakeWheel,
    lock_of: LockOf,
    target: PythonPlatform,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_RETRIES", "0")
    pin = Pinned("one", "1.0", ("a" * 64,))
    with pytest.raises(
        UserError, match="the package index at localhost can't be reached"
    ) as raised:
        wheels_for(lock_of(pin), target, "http://me:secret@localhost:1/simple", cache)
    assert "secret" not in str(raised.value)


def test_download__an_index_that_refuses_access_says_so(target: PythonPlatform) -> None:
    log = "Could not fetch URL https://example.org/simple/x/: 401 Client Error: no - skipping"
    error = explain("", log, [], target)
    assert "the package index at example.org refused access" in str(error)


def test_download__a_password_in_the_index_is_not_on_the_command_line(
    target: PythonPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        seen.update(options, command=command)
        (tmp_path / "wheels").mkdir()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("homeport.artifacts.download.subprocess.run", run)
    pin = Pinned("one", "1.0", ("a" * 64,))
    download.download([pin], target, "https://me:secret@example.org/simple", tmp_path)
    assert not [argument for argument in seen["command"] if "secret" in argument]
    assert seen["env"]["PIP_INDEX_URL"] == "https://me:secret@example.org/simple"
