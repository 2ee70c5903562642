"""The application by its name alone: all that is needed to go back, to lock, and to look back.

Neither its code, its lock nor its secrets have to be here, and what is wrong with the rest of its
application file doesn't matter.
"""

from __future__ import annotations

import re

from deploys.data import Data
from deploys.host import document_of, kind_of
from deploys.layout import Layout
from homeport.errors import Mistake
from homeport.manifest.complaints import shown

LINES, MOST = 20, 10_000
NAME = "[a-z][a-z0-9-]{0,30}"


def layout_of(data: Data, host: str | None = None) -> Layout:
    """Return where things of the application are on a server; raises ``Mistake``."""
    if kind_of(data, host) == "laptop":
        mend = "name servers: on a laptop code runs as it is being written"
        raise Mistake("a laptop has no releases to go back to", mend=mend, file="inventory")
    document = document_of(data)
    name = document.data.get("name")
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        what = "this is no name of an application" if name else "the application has no name"
        line = document.lines.get(("name",))
        mend = "write name: and what it was deployed as"
        raise Mistake(f"{what}: {shown(str(name))}", mend=mend, file=document.path, line=line)
    return Layout(name)


def lines_of(data: Data) -> int:
    """Return how many lines of its history a host is asked for; raises ``Mistake``."""
    given = data.get("lines", LINES)
    if isinstance(given, int) and not isinstance(given, bool) and 0 < given <= MOST:
        return given
    what = f"{shown(str(given))} is no number of lines"
    raise Mistake(what, mend=f"write a number from 1 to {MOST}", file="--data", key="lines")
