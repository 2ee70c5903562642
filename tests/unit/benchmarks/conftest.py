"""A copy of the job, as a contender is given it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

JOB = Path("benchmarks/job")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a copy of the job with the first of its locks."""
    folder = tmp_path / "work"
    shutil.copytree(JOB, folder, ignore=shutil.ignore_patterns("__pycache__", "requirements"))
    shutil.copy(JOB / "requirements/1.txt", folder / "requirements.txt")
    return folder
