"""An edit is what its name says, another one each time, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

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
def test_scenarios__an_edit_changes_its_file_each_time(
    situation: Situation, file: str, tmp_path: Path
) -> None:
    lay(tmp_path)
    assert [differing(tmp_path, situation, number) for number in range(1, 6)] == [{file}] * 5


def test_scenarios__a_no_op_edits_nothing(tmp_path: Path) -> None:
    lay(tmp_path)
    assert differing(tmp_path, NO_OP, 1) == set()


def test_scenarios__a_copy_is_laid_anew_without_any_edit(tmp_path: Path) -> None:
    lay(tmp_path)
    first = contents(tmp_path)
    for situation in SITUATIONS:
        situation.edit(tmp_path, 3)
    lay(tmp_path)
    assert contents(tmp_path) == first
