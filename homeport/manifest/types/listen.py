"""The address on which a process listens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from homeport.manifest.types.issues import quoted, refuse

PORTS = range(1, 65536)


def address(value: object) -> object:
    """Return the value. Raises ``ValueError`` if it is neither ``socket`` nor a port."""
    fix = "write a port from 1 to 65535, without quotes, or socket"
    if isinstance(value, str) and value != "socket":
        raise refuse(f"{quoted(value)} is neither socket nor a port", fix)
    if isinstance(value, bool | float) or not isinstance(value, int | str):
        raise refuse("the value is neither socket nor a port", fix)
    if isinstance(value, int) and value not in PORTS:
        raise refuse(f"{value if abs(value) < 10**9 else 'the number'} is not a port", fix)
    return value


Listen = Annotated[
    int | Literal["socket"],
    BeforeValidator(address),
    WithJsonSchema(
        {"anyOf": [{"const": "socket"}, {"type": "integer", "minimum": 1, "maximum": 65535}]}
    ),
]
