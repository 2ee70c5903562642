"""Findings: why what was asked is not well, and whether waiting may change that."""

from __future__ import annotations

from typing import NamedTuple

LASTING = 3
"""How ``check-health`` ends that has found what waiting doesn't change."""


class Finding(NamedTuple):
    """The reason why something is not well.

    + lasting: whether it stays so however long one waits
    + of_host: whether the host is to blame for it, and no release
    """

    text: str
    lasting: bool = False
    of_host: bool = False
