"""What a spec says when it fails: one line that names the host, and no traceback."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from traceback import extract_tb

import pytest

from homeport.engine.host_failure import described
from tests.production.subject import Subject

SHOWN = 10


def unreadable(subject: Subject, error: Exception) -> str:
    """Return the line of a spec that could not judge an answer, with the place where it failed."""
    places = [each for each in extract_tb(error.__traceback__) if "production" in each.filename]
    place = f", at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return f"{subject.name} answered what can't be read ({described(error)}{place})"


def insist(subject: Subject, holds: object, otherwise: str) -> None:
    """Fail the spec, saying on which host, unless something holds."""
    if not holds:
        pytest.fail(f"on {subject.name}: {otherwise}", pytrace=False)


def no_faults(subject: Subject, faults: Sequence[str]) -> None:
    """Fail the spec if there are faults, naming the first of them."""
    more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    insist(subject, not faults, "; ".join([*faults[:SHOWN], *more]))
