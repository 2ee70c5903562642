from __future__ import annotations

from pathlib import Path

import pytest

from homeport.errors import UserError
from lab import disk_image, privilege
from lab.disk_image import DiskImage, ensure


def test_disk_image__what_boots_lies_in_one_folder(tmp_path: Path) -> None:
    image = DiskImage(tmp_path)
    assert {path.parent for path in (image.disk, image.kernel, image.initrd, image.key)} == {
        tmp_path
    }


def test_disk_image__is_made_by_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privilege, "is_root", lambda: False)
    with pytest.raises(UserError, match="is made by root"):
        ensure()


def test_disk_image__what_is_built_is_built_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built: list[Path] = []

    def build(building: Path, sources: list[str], settings: list[str]) -> None:
        built.append(building)
        building.mkdir()

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(privilege, "is_root", lambda: True)
    monkeypatch.setattr(disk_image.packages, "missing", lambda tools: [])
    monkeypatch.setattr(disk_image.mirror, "read", lambda debian: (["deb here"], []))
    monkeypatch.setattr(disk_image, "_build", build)
    assert ensure() == ensure()
    assert len(built) == 1
    assert ensure().folder.is_dir()
