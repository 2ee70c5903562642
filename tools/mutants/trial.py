"""A trial: a copy of the tree with one fault in it, and whether a unit test fails there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath

from tools.mutants.mutant import Mutant

PASSED, FAILED, STOPPED = 0, 1, 2
"""Exit codes of pytest: stopped is what it is after the first failure, or if it can't import."""
OWN_LIMIT, AREA_LIMIT = 120, 600
"""Seconds for the tests of one module, and of its area; a fault that takes longer is found."""
AREAS = (("hostctl",), ("deployment", "engine", "files", "operations", "pyinfra_adapter"))
"""Folders of unit tests: those of the program on the host, and of all that deploys to one."""
WORKERS = ("-n", "auto")
"""How pytest is told to run the tests of many modules: on all cores."""


class TrialError(Exception):
    """The tests fail without a fault, or can't be run at all."""


def own_tests(root: Path, file: str) -> list[str]:
    """Return the files of a module's own tests: those at its own path, with all their aspects."""
    path = PurePath(file.removeprefix("homeport/"))
    name = f"test_{path.stem.strip('_')}"
    folder = root / "tests/unit" / path.parent
    found = [*folder.glob(f"{name}.py"), *folder.glob(f"{name}__*.py")]
    return sorted(str(each.relative_to(root)) for each in found)


def area_tests(file: str) -> list[str]:
    """Return the folders whose tests may find what a module's own don't."""
    host, engine = AREAS
    area = host if file.startswith("homeport/hostctl/") else engine
    return [f"tests/unit/{folder}" for folder in area]


class Copy:
    """A copy of all files of a repository that are committed, or could be: a repository itself."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self._sound: set[Sequence[str]] = set()
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=root, check=True, capture_output=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            if os.path.lexists(root / name):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, folder / name, follow_symlinks=False)
        # What is deployed is deployed from a commit.
        options = ["user.name=mutants", "user.email=mutants@localhost", "commit.gpgSign=false"]
        ours = [word for option in options for word in ("-c", option)]
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Copy"]):
            subprocess.run(["git", *ours, *words], cwd=folder, check=True)

    def finds(self, mutant: Mutant) -> str:
        """Return which tests fail with a fault: ``own``, ``area``, or nothing if none does.

        Raises ``StaleRowError`` or ``TrialError``.
        """
        path = self.folder / mutant.file
        source = path.read_text() if path.exists() else ""
        changed = mutant.apply(source)
        path.write_text(changed)
        try:
            own = own_tests(self.folder, mutant.file)
            if own and not self.passes(own, OWN_LIMIT):
                return "own"
            area = (*area_tests(mutant.file), *WORKERS)
            if self.passes(area, AREA_LIMIT):
                return ""
        finally:
            path.write_text(source)
        if area not in self._sound and not self.passes(area, AREA_LIMIT):
            raise TrialError(f"the tests fail without any mutant: pytest {' '.join(area)}")
        self._sound.add(area)
        return "area"

    def passes(self, tests: Sequence[str], limit: float) -> bool:
        """Return whether tests pass, within so many seconds; raises ``TrialError``."""
        argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        # Bytecode is told apart by size and second: too coarse for two faults in one second.
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(
            argv,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                return False
            finally:
                _end(process)
        if process.returncode not in (PASSED, FAILED, STOPPED):
            raise TrialError(f"pytest ended with {process.returncode}:\n{output[-2000:]}")
        return process.returncode == PASSED


def _end(process: subprocess.Popen[str]) -> None:
    """End a process with all that it has begun."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
