"""The values of host data: each is what its key wants, or an error with the key and the fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from homeport.description.hashable_data import HashableData
from homeport.errors import UserError
from homeport.pyinfra_adapter.data_source import WHERE

HOST_TYPES = ("server", "laptop")
FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}


def flag(data: Mapping[str, object], key: str) -> bool:
    """Return whether something is allowed; raises ``UserError`` if that isn't a yes or a no."""
    value = data.get(key, False)
    if (text := str(value).lower()) not in FLAGS:
        what = f"{value!r} is neither yes nor no"
        raise UserError(what, fix=f"write {key} = True", file=WHERE, key=key)
    return FLAGS[text]


def text(values: Mapping[str, object], key: str) -> str | None:
    """Return a value as text, None if there is none."""
    value = values.get(key)
    return None if value is None else str(value)


def app_file(values: Mapping[str, object]) -> str:
    """Return the path of the application file; raises ``UserError`` if it isn't one."""
    path = values.get("app_file", "app.yml")
    if isinstance(path, str) and path:
        return path
    fix = 'write the path of one, such as app_file = "examples/radicale/app.yml"'
    what = "this is not the path of an application file"
    raise UserError(what, file=WHERE, key="app_file", fix=fix)


def path_of(values: Mapping[str, object], key: str, what: str, such_as: str) -> str | None:
    """Return a path, None if there is none; raises ``UserError`` if it isn't one.

    + what: what lies there, for the message
    + such_as: an example of one
    """
    path = values.get(key)
    if path is None or (isinstance(path, str) and path):
        return path
    fix = f'write the path of one, such as {key} = "{such_as}"'
    raise UserError(f"this is not the path of {what}", file=WHERE, key=key, fix=fix)


def host_type_of(values: Mapping[str, object], name: str | None) -> str:
    """Return the type of the host of this name, one of ``HOST_TYPES``.

    Raises ``UserError`` for another, and for a laptop that isn't this machine.
    """
    host_type = str(values.get("host_type", "server"))
    if host_type not in HOST_TYPES:
        near = get_close_matches(host_type, HOST_TYPES, 1)
        fix = f'write host_type = "{near[0]}"' if near else f"write one of: {', '.join(HOST_TYPES)}"
        what = f"{host_type!r} is not a host type"
        raise UserError(what, file="inventory", key="host_type", fix=fix)
    if host_type == "laptop" and name not in (None, "@local"):
        what = f"{name} is not the machine that deploys, and only that one can be a laptop"
        fix = 'remove host_type from its data, or write "@local" as in inventories/laptop.py'
        raise UserError(what, file="inventory", key="host_type", fix=fix)
    return host_type


def overrides_of(values: Mapping[str, object]) -> Iterator[HashableData]:
    """Yield what ``app`` lays over application files; raises ``UserError`` if it isn't mappings."""
    overrides = values.get("app", {})
    for override in overrides if isinstance(overrides, list | tuple) else (overrides,):
        if not isinstance(override, Mapping):
            fix = 'write app = {"environment": {...}} with the keys of app.yml'
            raise UserError("app is not a mapping", file=WHERE, key="app", fix=fix)
        yield HashableData(override)
