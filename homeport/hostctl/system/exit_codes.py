"""The exit codes of the host program, and what leads to them."""

from __future__ import annotations

NOT_FOUND = 127
"""How a shell ends that finds no such program."""

DONE, FAILED, USAGE, REFUSED, REVERTED, ALREADY_CONFIRMED, UNSERVED, INCOMPLETE = range(8)
"""``FAILED``: what was changed is put back. ``REFUSED``: nothing was touched.

``ALREADY_CONFIRMED``: a deploy that was to be reverted is confirmed, and nothing was touched.
``UNSERVED``: it is reverted, and people don't reach what was put back.
``INCOMPLETE``: what lies there isn't all as it was to be; it is named.
"""


class Usage(Exception):  # noqa: N818 - whose fault it is, is said by the exit code
    """The command was not understood."""


class PreconditionFailed(Exception):  # noqa: N818 - a decision, not a fault
    """It is not done, and nothing was touched; the text says why."""


class CommandFailed(Exception):  # noqa: N818 - what became of it
    """It was not done; the text says why."""
