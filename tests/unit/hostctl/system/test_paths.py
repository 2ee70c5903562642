"""What hostctl.system.paths promises."""

from __future__ import annotations

from pathlib import Path

from homeport.hostctl.system.disk_reserve import Reserve
from homeport.hostctl.system.paths import AppPaths


def test_paths__the_applications_of_a_host_are_those_with_a_folder_of_their_own(
    tmp_path: Path,
) -> None:
    assert AppPaths("", tmp_path).apps() == []
    for name in ("shop", "_host", ".hidden", "attic"):
        (tmp_path / "var/lib/homeport" / name).mkdir(parents=True)
    (tmp_path / "var/lib/homeport/lease").touch()
    Reserve(AppPaths("", tmp_path).reserve).make()
    assert AppPaths("", tmp_path).apps() == ["attic", "shop"]
