"""The program is shipped once, and in one step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.operations.hostctl import program
from tests.support.real_delivery import as_root
from tests.support.real_shell import SHELLS
from tests.support.shipped_hostctl import below, cleared, looked, patch, path, ship

__all__ = ["below", "cleared", "path"]


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
def test_another_version_takes_its_place_at_once_and_the_one_before_stays_for_who_is_at_work(
    path: str, below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(path)
    link, versions = below / "lib/homeportctl", below / "lib/homeportctl.versions"
    first = link.readlink()
    shipped = program.modules()
    for text in (b"# two\n", b"# three\n"):
        newer = {**shipped, "release/more.py": text}
        patch(monkeypatch, "modules", lambda newer=newer: newer)
        program.digest.cache_clear()
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
