"""A checkout whose scenarios a test may run, and spoil."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.lab.project import ROOT, Project

COPIED = (".config", ".env.yml", ".gitignore", "Makefile", "molecule", "tests/e2e/molecule")
IGNORED = shutil.ignore_patterns("__pycache__")
# Molecule paints a failure red where no colour is wanted, too.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


GOING_ON = ("failed-upgrade", "rollback", "upgrade")
"""The scenarios that go from one version to another: tests/e2e/lab/test_upgrading.py runs them."""


@dataclass(frozen=True)
class Run:
    """What one run of Molecule said, and how it ended."""

    code: int
    output: str

    def step(self, name: str) -> str:
        """Return how a step ended, such as "Successful", by the last report of it; or nothing."""
        ends = re.findall(rf"> {name}(?:\]|:) Executed: (\w+)", self.output)
        return str(ends[-1]) if ends else ""


@dataclass(frozen=True)
class Checkout:
    """A checkout as a user has it, with hosts in common with all others that a test makes."""

    folder: Path

    def copy(self, folder: Path) -> Checkout:
        """Return a copy to spoil. Molecule takes it for the same project: it knows the state."""
        shutil.copytree(self.folder, folder / self.folder.name, symlinks=True)
        return Checkout(folder / self.folder.name)

    def molecule(self, *arguments: str, **variables: str) -> Run:
        """Run Molecule as a user would, with more environment variables where they are given."""
        environment = {**os.environ, "NO_COLOR": "1", **variables}
        environment["PATH"] = f"{ROOT}/.venv/bin:{environment['PATH']}"
        done = subprocess.run(
            ["molecule", *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        return Run(done.returncode, COLOUR.sub("", done.stdout))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace some text of a file; the test is wrong if it isn't there."""
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))

    def append(self, file: str, text: str) -> None:
        """Write something at the end of a file."""
        path = self.folder / file
        path.write_text(path.read_text() + text)


def cloned(folder: Path) -> Checkout:
    """Return a checkout as `git clone` makes it: without what is not in the repository."""
    folder.mkdir()
    Project(folder)
    shutil.rmtree(folder / "secrets")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=IGNORED)
        else:
            shutil.copy(source, folder / name)
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return Checkout(folder)


@contextmanager
def lab_of(scenario: str) -> Iterator[None]:
    """Have `lab` speak of the hosts of a scenario."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOMEPORT_LAB", lab_name(scenario))
        yield


def lab_name(scenario: str) -> str:
    """Return what the lab of a scenario is called."""
    return f"{os.environ['HOMEPORT_LAB']}molecule-{scenario}"
