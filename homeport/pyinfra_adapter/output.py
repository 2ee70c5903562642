"""All that this process prints: without control characters of others, and without secrets.

Colours are control characters too. Those of pyinfra carry a number that no host can know, and are
what is left of them.
"""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Callable
from typing import Any

from homeport.hostctl.masking import KNOWN
from homeport.hostctl.plain_text import harmless, plain

NUMBER = 10**9 + secrets.randbelow(10**9)
COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
OURS = re.compile(rf"\x1b\[{NUMBER};([0-9;]*)m")
MARK = "\0"
CLEAR = "\x1b[K"
"""What the line that tells of progress writes to end itself."""


def shown(text: str) -> str:
    """Return a text as it is printed."""
    if text == CLEAR:
        return text
    # A line that tells of progress is written over.
    end = "\r" if text.endswith("\r") else ""
    return _but_colours(KNOWN(text.removesuffix(end)), "\x1b[") + end


def styled(style: Callable[..., str]) -> Callable[..., str]:
    """Return a function that colours a text as ``style`` does, with our number."""

    def numbered(text: Any, *args: Any, **kwargs: Any) -> str:
        begun = f"\x1b[{NUMBER};"
        before, after = COLOUR.sub(
            lambda found: f"{begun}{found[1]}m", style(MARK, *args, **kwargs)
        ).split(MARK)
        return f"{before}{_but_colours(str(text), begun)}{after}"

    return numbered


def _but_colours(text: str, begun: str) -> str:
    # Every second piece is the code of a colour of ours.
    pieces = OURS.split(text)
    return "".join(
        f"{begun}{piece}m" if at % 2 else harmless(piece) for at, piece in enumerate(pieces)
    )


def print_plainly() -> None:
    """Make this process print nothing that a terminal obeys, and no secret that it has read."""
    sys.stdout, sys.stderr = plain(sys.stdout, shown), plain(sys.stderr, shown)


def colour_by_number() -> None:
    """Make pyinfra's command line colour what it prints with our number."""
    import click
    from pyinfra.api.output import set_formatter

    if click.termui.style.__name__ != "numbered":
        click.style = click.termui.style = styled(click.style)
    set_formatter(click.style)
