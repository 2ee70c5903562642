"""Numbers on a benchmark's command line."""

from __future__ import annotations

import argparse


def counts(text: str) -> list[int]:
    """Return the numbers of ``1,10,100``; raises ``ValueError`` or ``ArgumentTypeError``."""
    return [positive(word) for word in text.split(",")]


def positive(text: str) -> int:
    """Return a number from 1; raises ``ValueError`` or ``ArgumentTypeError``."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few")
    return number
