"""What the code yields is what was recorded: behaviour stays while names and places change.

Where a change is meant, ``python -m tests.golden.record`` writes the record anew, and the diff of
it is part of that change.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golden.hosts import rehearsal
from tests.golden.record import difference, left_over, made
from tests.golden.records import RECORDS


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """A folder for what is made on the way."""
    with rehearsal() as folder:
        yield folder


@pytest.mark.parametrize("name", RECORDS)
def test_what_was_recorded_is_what_the_code_yields(name: str, scratch: Path) -> None:
    differs = difference(name, made(scratch, name))
    assert not differs, f"\n{differs[:20000]}"


def test_every_file_of_the_record_is_made_by_something() -> None:
    assert left_over() == []
