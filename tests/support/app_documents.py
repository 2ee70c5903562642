"""Documents that fit the schema of the application file, and documents that nearly do."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from homeport.manifest.schema.json_schema import schema

SCHEMA = schema()
PLAIN = st.lists(
    st.sampled_from(
        """
        gunicorn python -m shop.web:app shop sh -c 'a b' "a b" {port} {socket} {{ }} 100% $HOME %n
        ; # ../x /x ./run \\ \\n = -x @x +x [Service] ExecStart=/bin/true café code lock.txt
        """.split()  # noqa: SIM905 - forty quoted words are harder to read
    ),
    min_size=1,
    max_size=5,
).map(" ".join)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def strategy(part: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return what fits a part of the schema; leaves are left to hypothesis-jsonschema."""
    if "$ref" in part:
        return strategy(SCHEMA["$defs"][part["$ref"].rpartition("/")[2]])
    if part.get("type") == "object" and "anyOf" in part:
        # One of several keys is needed.
        return st.one_of([_mapping({**part, **one}) for one in part["anyOf"]])
    for several in ("anyOf", "oneOf"):
        if several in part:
            return st.one_of([strategy(one) for one in part[several]])
    if part.get("type") == "object":
        return _mapping(part)
    if part.get("type") == "array":
        least, unique = part.get("minItems", 0), part.get("uniqueItems", False)
        return st.lists(strategy(part["items"]), min_size=least, max_size=4, unique=unique)
    leaf = {key: value for key, value in part.items() if key not in ("description", "default")}
    if leaf.keys() <= {"type", "minLength", "title"} and leaf.get("type") == "string":
        return PLAIN | from_schema(leaf)
    return from_schema(leaf)


def _mapping(part: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    known = {key: strategy(value) for key, value in part.get("properties", {}).items()}
    needed = {key: known.pop(key) for key in part.get("required", ())}
    made = st.fixed_dictionaries(needed, optional=known)
    for pattern, value in part.get("patternProperties", {}).items():
        keys = from_schema({"type": "string", "pattern": pattern})
        made = st.dictionaries(keys, strategy(value), max_size=3)
    return made


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a value."""
    if at:
        yield at
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*at, key))


FITTING = strategy(SCHEMA)
PROCESS = strategy(SCHEMA["$defs"]["Process"])
COMMAND = st.sampled_from(["python -m shop", "run 'a b' 100% $X", 'x "\\\\" ;', "y 'é' [Service]"])


@st.composite
def present(draw: st.DrawFn) -> dict[str, Any]:
    """Documents that fit, and name what the test has put there, so that many are accepted."""
    found = dict(draw(FITTING))
    found |= {"source": "code", "name": draw(st.sampled_from(["shop", "a", found["name"]]))}
    found["python"] = "3.11"
    found.pop("requirements", None)
    found["processes"] = {**found.get("processes", {}), "main": draw(PROCESS)}
    for described in found.get("config_files", {}).values():
        described |= {"template": "code/conf.j2"}
        if "validate" in described:
            described["validate"] = draw(COMMAND) + " {file}"
    if "run_once" in found:
        found["run_once"] = dict.fromkeys(found["run_once"], draw(COMMAND))
    for started in (*found["processes"].values(), *found.get("schedules", {}).values()):
        place = {int: " {port}", str: " {socket}"}.get(type(started.get("listen")), "")
        started["command"] = draw(COMMAND) + place
        if not place:
            started.pop("health", None)
    if "proxy" in found:
        found["proxy"] |= {"process": "main", "expose_health_paths": True}
        main = found["processes"]["main"]
        main |= {"listen": "socket", "command": f"{draw(COMMAND)} {{socket}}"}
    return found


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """Documents that fit but for a few places, in which something else stands, or nothing."""
    found = copy.deepcopy(draw(FITTING))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(list(paths(found)) or [("name",)]))
        inner = found
        for step in above:
            inner = inner[step]
        change = draw(st.sampled_from(["replace", "remove", "rename"]))
        if change == "replace" or not isinstance(inner, dict) or last not in inner:
            inner[last] = draw(ANYTHING)
        elif change == "remove":
            del inner[last]
        else:
            inner[draw(st.text(max_size=6) | st.just(str(last)[:-1]))] = inner.pop(last)
    return found
