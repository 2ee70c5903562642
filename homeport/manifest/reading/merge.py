"""An override laid over a document: mappings merge, None removes, anything else replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from homeport.errors import UserError
from homeport.manifest.reading.yaml_reader import DEEPEST
from homeport.manifest.types.issues import KeyPath, dotted


class Merged(NamedTuple):
    """The result, and the key paths that the override set or removed."""

    data: dict[str, object]
    overridden: frozenset[KeyPath] = frozenset()

    def is_overridden(self, path: KeyPath) -> bool:
        """Return whether the override set or removed the value at this path."""
        return any(path[:length] in self.overridden for length in range(len(path) + 1))


def merge(base: Mapping[str, object], override: object, where: str) -> Merged:
    """Return the base with the override laid over it; neither is changed.

    Raises UserError when the override isn't plain data.
    """
    touched: set[KeyPath] = set()
    laid = _plain(override, (), where)
    if not isinstance(laid, dict):
        raise UserError("an override is a mapping", fix="write a dictionary", file=where)
    data = _lay(base, laid, (), touched)
    return Merged(data, frozenset(touched))


def _lay(
    base: Mapping[str, object], over: dict[str, object], at: KeyPath, touched: set[KeyPath]
) -> dict[str, object]:
    result = dict(base)
    for key, value in over.items():
        here, below = (*at, key), result.get(key)
        if isinstance(value, dict) and isinstance(below, Mapping):
            result[key] = _lay(below, value, here, touched)
            continue
        touched.add(here)
        if value is None:
            result.pop(key, None)
        else:
            # Laid over nothing, so that a None inside a new mapping removes there as well.
            result[key] = _lay({}, value, here, set()) if isinstance(value, dict) else value
    return result


def _plain(value: object, at: KeyPath, where: str) -> object:
    if len(at) > DEEPEST:
        what = f"this is nested more than {DEEPEST} levels deep"
        raise UserError(what, fix="write it flatter", file=where, key=dotted(at[:3]))
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                what = f"a key is of type {type(key).__name__}"
                fix = "put it in quotes"
                raise UserError(what, fix=fix, file=where, key=dotted(at) or None)
        return {key: _plain(item, (*at, key), where) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*at, number), where) for number, item in enumerate(value)]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    what = f"a value of type {type(value).__name__} is not allowed in an application file"
    fix = "use text, numbers, True and False, lists and dictionaries"
    raise UserError(what, fix=fix, file=where, key=dotted(at) or None)
