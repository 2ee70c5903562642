"""Runtime directories of runs: none finds a connection that another one left open."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path


def new(work: Path) -> str:
    """Return a new directory for one run with a copy of the job; only its user may enter it."""
    _all(work).mkdir(mode=0o700, exist_ok=True)
    return tempfile.mkdtemp(dir=_all(work))


def remove(work: Path) -> None:
    """Remove those of all runs with a copy of the job."""
    shutil.rmtree(_all(work), ignore_errors=True)


def entries(work: Path) -> list[Path]:
    """Return what lies in those of all runs with a copy of the job."""
    return list(_all(work).glob("*/*"))


def _all(work: Path) -> Path:
    # The path of a socket has 108 bytes at most, so not below a long folder.
    name = hashlib.sha256(os.fsencode(work.resolve())).hexdigest()[:8]
    return Path("/tmp") / f"hb-{name}"  # noqa: S108 - 0700, and named after the run's own folder
