"""What is different when a deploy is run: each is an edit of the job, as its user would make it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders.contender import BENCHMARKS, copy

JOB = BENCHMARKS / "job"
LOCKS = sorted((JOB / "requirements").glob("*.txt"))
"""Locks that differ in the version of one package."""


@dataclass(frozen=True)
class Situation:
    """What stands before a deploy.

    + edit: changes the copy of the job in a folder; the number is another one each time
    + fresh: whether the hosts are new
    """

    name: str
    title: str
    edit: Callable[[Path, int], None]
    fresh: bool = False


def lay(work: Path) -> None:
    """Make a folder a copy of the job, as it is before any edit."""
    shutil.rmtree(work, ignore_errors=True)
    copy(JOB, work)
    require(work, 0)


def nothing(work: Path, number: int) -> None:
    """Change nothing."""


def one_file(work: Path, number: int) -> None:
    """Change a line of one of the thirty templates."""
    template = work / "templates/part-07.conf.j2"
    first = (JOB / "templates/part-07.conf.j2").read_text()
    template.write_text(f"{first}# edition {number}\n")


def require(work: Path, number: int) -> None:
    """Change the version of one package in the lock."""
    # Never one that was there before: homeport would have kept its venv.
    shutil.copy(LOCKS[number], work / "requirements.txt")


def code(work: Path, number: int) -> None:
    """Change a line of the code."""
    module = work / "source/job/__init__.py"
    text, changed = re.subn(r'VERSION = ".*"', f'VERSION = "1.{number}"', module.read_text())
    if changed != 1:
        raise ValueError(f"{module} has no version to change")
    module.write_text(text)


COLD = Situation("cold", "first deploy to a new host", nothing, fresh=True)
NO_OP = Situation("no-op", "nothing to change", nothing)
ONE_FILE = Situation("file", "one of thirty files changed", one_file)
REQUIREMENT = Situation("requirement", "one requirement changed", require)
CODE = Situation("code", "code changed", code)
SITUATIONS = (COLD, NO_OP, ONE_FILE, REQUIREMENT, CODE)
