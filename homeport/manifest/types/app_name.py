"""The name of the application, which is also that of its account.

Whether a host has an account, a directory or a unit of that name is asked there: only names that
are homeport's own are refused beforehand.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from homeport.hostctl.protocol import RESERVED
from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.text import Name

OWN = ("homeport", "homeportctl")
"""What homeport's directories, units and programs on a host are called."""


def free_name(value: str) -> str:
    """Return the name. Raises ``ValueError`` if it is one of homeport's own."""
    if value in (*RESERVED, *OWN) or value.startswith(f"{OWN[1]}-"):
        fix = "choose another name: directories and units of the application have its name"
        raise refuse(f"{quoted(value)} is what homeport calls files of its own on a host", fix)
    return value


AppName = Annotated[Name, AfterValidator(free_name)]
