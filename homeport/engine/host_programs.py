"""The programs that lie on a host beside an application, with what the protocol says filled in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from homeport.hostctl import protocol

FOLDER = Path(__file__).parents[1] / "templates/host_programs"
MARK = re.compile(r"@([A-Z_]+)@")


def host_program(name: str) -> bytes:
    """Return the text of ``templates/host_programs/NAME``, each ``@NAME@`` by ``protocol.NAME``.

    Raises AttributeError if the protocol has no such name.
    """
    return MARK.sub(lambda mark: str(getattr(protocol, mark[1])), _text(name)).encode()


@cache
def _text(name: str) -> str:
    return (FOLDER / name).read_text()
