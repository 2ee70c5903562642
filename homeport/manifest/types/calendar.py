"""Calendar expressions: systemd judges them on the host, the usual slips are caught here."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.text import Text

PATTERN = "[A-Za-z0-9*][A-Za-z0-9*/,.:~ +_-]{0,199}"
CRON = re.compile(r"[0-9*/,-]+(?: +[A-Za-z0-9*/,-]+){4}")


def calendar(text: str) -> str:
    """Return the text. Raises ``ValueError`` if it is no calendar expression (systemd.time(7))."""
    fix = "write daily, hourly, or such as Mon..Fri 04:30 or *-*-* 04:00:00"
    if CRON.fullmatch(text):
        raise refuse(f"{quoted(text)} is written as for cron", fix)
    if not re.fullmatch(PATTERN, text):
        raise refuse(f"{quoted(text)} is not a calendar expression", fix)
    return text


Calendar = Annotated[
    Text, Field(json_schema_extra={"pattern": f"^{PATTERN}$"}), AfterValidator(calendar)
]
