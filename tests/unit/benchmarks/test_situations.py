"""An edit is what its name says, another one each time, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.disk_writes import look, written
from benchmarks.scenarios import CODE, NO_OP, ONE_FILE, REQUIREMENT, SITUATIONS, Situation, lay


def contents(work: Path) -> dict[str, bytes]:
    files = (file for file in work.rglob("*") if file.is_file())
    return {str(file.relative_to(work)): file.read_bytes() for file in files}


def differing(work: Path, situation: Situation, number: int) -> set[str]:
    before = contents(work)
    situation.edit(work, number)
    after = contents(work)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize(
    ("situation", "file"),
    [
        (ONE_FILE, "templates/part-07.conf.j2"),
        (REQUIREMENT, "requirements.txt"),
        (CODE, "source/job/__init__.py"),
    ],
)
def test_an_edit_changes_its_file_each_time(
    situation: Situation, file: str, tmp_path: Path
) -> None:
    lay(tmp_path)
    assert [differing(tmp_path, situation, number) for number in range(1, 6)] == [{file}] * 5


def test_a_no_op_edits_nothing(tmp_path: Path) -> None:
    lay(tmp_path)
    assert differing(tmp_path, NO_OP, 1) == set()


def test_a_copy_is_laid_anew_without_any_edit(tmp_path: Path) -> None:
    lay(tmp_path)
    first = contents(tmp_path)
    for situation in SITUATIONS:
        situation.edit(tmp_path, 3)
    lay(tmp_path)
    assert contents(tmp_path) == first


def test_what_is_written_is_found_whatever_its_size(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for name in ("kept", "rewritten", "removed"):
        (tmp_path / "etc" / name).write_text("old")
    before = look(tmp_path)
    (tmp_path / "etc/rewritten").write_text("new")
    (tmp_path / "etc/removed").unlink()
    (tmp_path / "etc/made").write_text("12345")
    (tmp_path / "etc/link").symlink_to("made")
    assert written(before, look(tmp_path)) == {
        "/etc/rewritten": 3,
        "/etc/removed": 0,
        "/etc/made": 5,
        "/etc/link": 0,
    }


def test_the_log_of_who_came_in_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "var/log/journal").mkdir(parents=True)
    before = look(tmp_path)
    (tmp_path / "var/log/journal/system.journal").write_text("somebody came in")
    assert written(before, look(tmp_path)) == {}
