"""The host data that homeport knows: what group_data, the inventory and ``--data`` may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from pyinfra.api.host import HostData

from homeport.errors import UserError
from homeport.manifest import BootstrapData
from homeport.pyinfra_adapter.data_source import WHERE

SEEN = (
    *("app", "app_file", "artifact", "host_type", "architecture", "debian", "verify_files"),
    *("allow_dirty", "allow_downgrade"),
)
"""What the description of an application depends on, but for its own templates."""

KEYS = (*SEEN, "rollout", *BootstrapData.model_fields)
"""Other keys are the user's own, unless they are nearly one of these."""

OLD_KEYS = {
    "kind": "host_type",
    "bare": "bootstrap_login",
    "deep": "verify_files",
    "build": "artifact",
    "allow_older": "allow_downgrade",
    "public_keys": "authorized_keys",
    "revert_after": "confirm_timeout",
    "rollout.size": "batch_size",
}
"""Host data that had another name, and the name that it has now."""

OLD_OPTIONS = {"to": "release"}
"""What ``--data`` called otherwise, for the deploy files that know an application by its name."""

FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}

PRIVATE = re.compile("_.*|ssh_.*|.*(password|secret|token).*")
"""Names of data that stays out of files: how a host is reached, and what may be a secret."""

Data = Mapping[str, object] | HostData
"""Host data as pyinfra merges it: inventory, group_data and ``--data``."""


def flag(data: Data, key: str) -> bool:
    """Return whether something is allowed; raises ``UserError`` if that isn't a yes or a no."""
    value = data.get(key, False)
    if (text := str(value).lower()) not in FLAGS:
        what = f"{value!r} is neither yes nor no"
        raise UserError(what, fix=f"write {key} = True", file=WHERE, key=key)
    return FLAGS[text]


def check_old_names(data: Data) -> None:
    """Raise ``UserError`` if data has the old name of a key: it would be passed over in silence."""
    for key, new in OLD_KEYS.items():
        value: object = data
        for name in key.split("."):
            value = value.get(name) if isinstance(value, Mapping | HostData) else None
        if value is not None:
            raise renamed(key, new, WHERE)


def renamed(key: str, new: str, file: str) -> UserError:
    """Return the error for a key with its old name, in the file where it stands."""
    old = key.rpartition(".")[2]
    return UserError(f"{old!r} is called {new!r}", fix=f"write {new}", file=file, key=key)


def check_names(data: Data) -> None:
    """Raise ``UserError`` if a name is an old one of ours or nearly one that we have."""
    check_old_names(data)
    for name in data if isinstance(data, Mapping) else data.dict():
        if near := _meant(name):
            fix = f"write {near}, or rename it if it is your own"
            raise UserError(f"{name!r} is not a key here", fix=fix, file=WHERE, key=name)


@cache
def _meant(name: str) -> str | None:
    # pyinfra's own are not ours to judge.
    if name in KEYS or name.startswith(("_", "ssh_")):
        return None
    near = get_close_matches(name, [key for key in KEYS if len(key) > 3], 1, 0.8)
    return near[0] if near else None


def public(data: Data) -> list[str]:
    """Return the names of the data that files may hold."""
    names = data if isinstance(data, Mapping) else data.dict()
    return [name for name in names if not PRIVATE.fullmatch(name)]


class TemplateData:
    """The part of a host's data that files may hold: text, numbers, lists and mappings."""

    def __init__(self, data: Data | None) -> None:
        self._data = data

    def __getitem__(self, name: str) -> object:
        if self._data is None or PRIVATE.fullmatch(name):
            raise KeyError(name)
        if (value := self._data.get(name)) is None:
            raise KeyError(name)
        return _plain(value)


def _plain(value: object) -> object:
    # The same whether pyinfra hands it over or JSON did: a tuple is written as a list is.
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    raise KeyError(type(value).__name__)
