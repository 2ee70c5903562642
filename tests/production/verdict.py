"""What a spec says when it fails: one line that names the host, and no traceback."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.production.subject import Subject

SHOWN = 10


def insist(subject: Subject, holds: object, otherwise: str) -> None:
    """Fail the spec, saying on which host, unless something holds."""
    if not holds:
        pytest.fail(f"on {subject.name}: {otherwise}", pytrace=False)


def no_faults(subject: Subject, faults: Sequence[str]) -> None:
    """Fail the spec if there are faults, naming the first of them."""
    more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    insist(subject, not faults, "; ".join([*faults[:SHOWN], *more]))
