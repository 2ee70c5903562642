"""What tests of several modules share: benchmark job."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.contenders import CONTENDERS
from benchmarks.expected_state import Wanted, wanted

PYINFRA = next(contender for contender in CONTENDERS if contender.name == "pyinfra")


@pytest.fixture
def judged(work: Path) -> Wanted:
    """Return what a host should have after it."""
    return wanted(PYINFRA, work)
