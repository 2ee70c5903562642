"""Sockets lie where no other user can put one, or read ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.openssh import runtime
from tests.support.short_folder import short_folder

__all__ = ["short_folder"]


@pytest.fixture(autouse=True)
def apart(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder / "run"))
    monkeypatch.setattr(runtime.tempfile, "gettempdir", lambda: str(short_folder / "tmp"))
    (short_folder / "run").mkdir()
    (short_folder / "tmp").mkdir()
    return short_folder


def test_runtime__the_directory_is_ours_alone(apart: Path) -> None:
    found = runtime.directory()
    assert found.parent == apart / "run"
    assert found.stat().st_mode & 0o777 == 0o700
    assert runtime.directory() == found


@pytest.mark.parametrize("spoil", ["open", "link", "file"])
def test_runtime__one_that_another_user_could_have_made_is_not_taken(
    apart: Path, spoil: str
) -> None:
    place = apart / "run/homeport-ssh"
    if spoil == "open":
        place.mkdir(mode=0o755)
        place.chmod(0o755)
    elif spoil == "link":
        (apart / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(apart / "elsewhere")
    else:
        place.touch(mode=0o600)
    assert runtime.directory().parent == apart / "tmp"


def test_runtime__a_name_too_long_for_a_socket_is_not_taken(
    apart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = apart / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr(runtime.tempfile, "gettempdir", lambda: "/tmp")
    assert runtime.directory().parent == Path("/tmp")
    monkeypatch.setattr(runtime.tempfile, "gettempdir", lambda: str(long))
    with pytest.raises(runtime.NoRuntimeDirectoryError, match="too long for a socket"):
        runtime.directory()


def test_runtime__a_socket_is_named_by_all_that_decides_where_it_leads() -> None:
    assert runtime.socket(["pi", "-p", "22"]) == runtime.socket(["pi", "-p", "22"])
    assert runtime.socket(["pi", "-p", "22"]) != runtime.socket(["pi", "-p22"])
