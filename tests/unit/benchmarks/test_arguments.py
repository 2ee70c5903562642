"""Numbers on a command line are counts of something."""

from __future__ import annotations

import argparse

import pytest

from benchmarks.arguments import counts, positive


def test_arguments__numbers_are_read_in_their_order() -> None:
    assert counts("100,1,10") == [100, 1, 10]
    assert positive("1") == 1


@pytest.mark.parametrize("text", ["0", "-1", "1,0", "", "1,", "x"])
def test_arguments__what_counts_nothing_is_refused(text: str) -> None:
    with pytest.raises((ValueError, argparse.ArgumentTypeError)):
        counts(text)
