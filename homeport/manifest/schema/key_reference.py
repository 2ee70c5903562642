"""Every key of the application file, with what its documentation says: from the schema itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from homeport.manifest.schema.json_schema import schema

ANY_NAME = "NAME"


@dataclass(frozen=True)
class Key:
    """One key, with dots between its levels; ``default`` is None where there is none to tell."""

    path: str
    description: str
    needed: bool
    default: object = None


def keys() -> list[Key]:
    """Return all keys, each after the one that it is part of, and only once."""
    whole = schema()
    found = {key.path: key for key in _below(whole, whole["$defs"], "")}
    return list(found.values())


def _below(part: Mapping[str, Any], parts: Mapping[str, Any], above: str) -> Iterator[Key]:
    for name, values in part.get("properties", {}).items():
        path, default = f"{above}{name}", values.get("default")
        shown = default if default not in ([], {}, "") else None
        yield Key(path, values["description"], name in part.get("required", ()), shown)
        yield from _within(values, parts, path)


def _within(schema: Mapping[str, Any], parts: Mapping[str, Any], path: str) -> Iterator[Key]:
    if "$ref" in schema:
        yield from _below(parts[schema["$ref"].rpartition("/")[2]], parts, f"{path}.")
    for form in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        # What one form needs, another can't have.
        yield from (replace(key, needed=False) for key in _within(form, parts, path))
    for named in schema.get("patternProperties", {}).values():
        yield from _within(named, parts, f"{path}.{ANY_NAME}")
