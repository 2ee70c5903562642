"""What benchmarks.disk_writes promises."""

from __future__ import annotations

from pathlib import Path
from stat import S_IFREG

from benchmarks.disk_writes import added, file_states, written


def test_disk_writes__a_file_that_is_written_on_counts_by_what_was_added() -> None:
    before = {"/log": (1, 1, 1, S_IFREG, 100), "/new": (2, 1, 1, S_IFREG, 100)}
    after = {"/log": (1, 2, 2, S_IFREG, 130), "/new": (3, 2, 2, S_IFREG, 130)}
    assert added(before, after) == {"/log": 30, "/new": 130}


def test_disk_writes__one_more_name_of_a_file_adds_nothing_unless_it_was_written() -> None:
    before = {"/one": (1, 1, 1, S_IFREG, 100), "/two": (2, 1, 1, S_IFREG, 100)}
    after = {
        "/one": (1, 1, 2, S_IFREG, 100), "/more": (1, 1, 2, S_IFREG, 100),
        "/two": (2, 2, 2, S_IFREG, 100), "/again": (2, 2, 2, S_IFREG, 100),
    }  # fmt: skip
    assert added(before, after) == {"/one": 0, "/more": 0, "/two": 100, "/again": 100}


def test_disk_writes__what_is_written_is_found_whatever_its_size(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for name in ("kept", "rewritten", "removed"):
        (tmp_path / "etc" / name).write_text("old")
    before = file_states(tmp_path)
    (tmp_path / "etc/rewritten").write_text("new")
    (tmp_path / "etc/removed").unlink()
    (tmp_path / "etc/made").write_text("12345")
    (tmp_path / "etc/link").symlink_to("made")
    assert written(before, file_states(tmp_path)) == {
        "/etc/rewritten": 3,
        "/etc/removed": 0,
        "/etc/made": 5,
        "/etc/link": 0,
    }


def test_disk_writes__the_log_of_who_came_in_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "var/log/journal").mkdir(parents=True)
    before = file_states(tmp_path)
    (tmp_path / "var/log/journal/system.journal").write_text("somebody came in")
    assert written(before, file_states(tmp_path)) == {}
