"""What benchmarks.contenders.runtime_directory promises."""

from __future__ import annotations

from pathlib import Path

from benchmarks.contenders import runtime_directory


def test_runtime_directory__each_run_has_its_own_and_none_is_left(tmp_path: Path) -> None:
    one, two = (Path(runtime_directory.new(tmp_path)) for _ in range(2))
    assert one != two
    assert one.stat().st_mode & 0o077 == one.parent.stat().st_mode & 0o077 == 0
    (two / "socket").touch()
    assert runtime_directory.entries(tmp_path) == [two / "socket"]
    runtime_directory.remove(tmp_path)
    assert not one.parent.exists()


def test_runtime_directory__its_name_leaves_room_for_a_socket(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 200)
    assert len(runtime_directory.new(long)) < 40
    runtime_directory.remove(long)
