"""A value that may take several forms is told by its keys, so that one clear complaint arises."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel, RootModel

from homeport.manifest.types.issues import refuse

TEXT = "text"


def form(value: object) -> str:
    """Return which form a value has: its first key, or ``text``."""
    if isinstance(value, Mapping):
        return str(next(iter(value)))
    if isinstance(value, BaseModel) and not isinstance(value, RootModel):
        return next(iter(type(value).model_fields))
    return TEXT


def one_of(*keys: str, fix: str, text: bool = False) -> Callable[[object], object]:
    """Return a validator that lets through a mapping with exactly one of these keys.

    With ``text`` a plain text passes as well. A mapping comes out with that key first, which
    is how :func:`form` tells the forms apart.
    """

    def check(value: object) -> object:
        if isinstance(value, BaseModel) or (text and isinstance(value, str)):
            return value
        if not isinstance(value, Mapping):
            raise refuse("the value has none of the forms it can have", fix)
        named = [key for key in keys if key in value]
        if not named:
            lack = f"neither {' nor '.join(keys)}" if len(keys) > 1 else f"no {keys[0]}"
            raise refuse(f"the value has {lack}", fix)
        if len(named) > 1:
            rest = "keep one (in an override, None removes the other)"
            raise refuse(f"the value has both {' and '.join(named)}", rest)
        return {named[0]: value[named[0]], **value}

    return check
