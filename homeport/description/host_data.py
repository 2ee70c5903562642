"""The host data that homeport knows: what group_data, the inventory and ``--data`` may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Self

from pyinfra.api.host import HostData as PyinfraData

from homeport.description.hashable_data import EMPTY, HashableData
from homeport.errors import UserError
from homeport.manifest import BootstrapData, Rollout
from homeport.manifest.reading.yaml_reader import DEEPEST
from homeport.pyinfra_adapter.data_source import WHERE
from homeport.rollout.policy import rollout_of

HOST_TYPES = ("server", "laptop")

KEYS = (
    *(
        "app",
        "app_file",
        "artifact",
        "allowed_signers",
        "host_type",
        "architecture",
        "debian",
        "verify_files",
    ),
    *("allow_dirty", "allow_downgrade", "allow_root", "rollout", *BootstrapData.model_fields),
)
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

PRIVATE = re.compile(
    "_.*|ssh_.*|.*(?:password|passwd|passphrase|secret|token|credential|api_?key).*"
    "|(?:.*[_-])?(?:key|pass|pwd|auth)",
    re.IGNORECASE,
)
"""Names of data that stays out of files: how a host is reached, and what may be a secret."""

Data = Mapping[str, object] | PyinfraData
"""Host data as pyinfra merges it: inventory, group_data and ``--data``."""


@dataclass(frozen=True)
class HostData:
    """The data of one host, parsed; hosts with equal data are described once.

    + host_type: one of ``HOST_TYPES``
    + app_file: the path of the application file, relative to the project
    + overrides: what ``app`` lays over application files; each may name the one that it is for
    + architecture, debian: as they are written, None if they are not; a laptop needs neither
    + artifact: the path of a build, relative to the project; None to build from the source
    + allowed_signers: the path of a file with the keys of which one must have signed the build
    + verify_files: whether every file of a host is compared with what its wheels bring
    + allow_dirty, allow_downgrade: whether uncommitted code, or an older commit, may be deployed
    + allow_root: whether a laptop may be deployed to by root, as whom its code runs then
    + rollout: the batches of a deploy to many hosts; None for all at once
    + sudo: whether the user that deploys becomes root by sudo
    + public: all data that files may hold, also the user's own, by name
    """

    host_type: str = "server"
    app_file: str = "app.yml"
    overrides: tuple[HashableData, ...] = ()
    architecture: str | None = None
    debian: str | None = None
    artifact: str | None = None
    allowed_signers: str | None = None
    verify_files: bool = False
    allow_dirty: bool = False
    allow_downgrade: bool = False
    allow_root: bool = False
    rollout: Rollout | None = field(default=None, compare=False)
    sudo: bool = field(default=False, compare=False)
    public: HashableData = EMPTY

    @classmethod
    def parse(cls, data: Data, name: str | None = None) -> Self:
        """Return all that the data of the host of this name says.

        Raises ``UserError`` with the key and its place for what isn't valid, also for a laptop
        that isn't this machine.
        """
        values = _values(data)
        check_names(values)
        return cls(
            rollout=rollout_of(values.get("rollout")),
            host_type=_host_type(values, name),
            app_file=_app_file(values),
            overrides=tuple(_overrides(values)),
            architecture=_text(values, "architecture"),
            debian=_text(values, "debian"),
            artifact=_path(values, "artifact", "an artifact", "builds/pinboard.tar.gz"),
            allowed_signers=_path(
                values,
                "allowed_signers",
                "a file of allowed signers",
                "inventories/allowed_signers",
            ),
            verify_files=flag(values, "verify_files"),
            allow_dirty=flag(values, "allow_dirty"),
            allow_downgrade=flag(values, "allow_downgrade"),
            allow_root=flag(values, "allow_root"),
            sudo=bool(values.get("_sudo")),
            public=HashableData(_public(values)),
        )

    @classmethod
    def parse_basics(cls, data: Data, name: str | None = None) -> Self:
        """Return what is needed without a description: host type, file, platform and sudo.

        Whatever is wrong with the rest doesn't matter. Raises ``UserError`` as ``parse`` does.
        """
        values = _values(data)
        check_old_names(values)
        return cls(
            host_type=_host_type(values, name),
            app_file=_app_file(values),
            architecture=_text(values, "architecture"),
            debian=_text(values, "debian"),
            sudo=bool(values.get("_sudo")),
        )


DEFAULTS = HostData()
"""What goes for a host whose data says nothing."""


def _values(data: Data) -> Mapping[str, object]:
    return data if isinstance(data, Mapping) else data.dict()


def _public(values: Mapping[str, object], deepest: int = DEEPEST) -> dict[str, object]:
    return {
        name: _public_value(value, deepest)
        for name, value in values.items()
        if not PRIVATE.fullmatch(str(name))
    }


def _public_value(value: object, deepest: int) -> object:
    if isinstance(value, Mapping | list | tuple) and not deepest:
        return None  # deeper than any file of the user's may be, or a circle
    if isinstance(value, Mapping):
        return _public(value, deepest - 1)
    if isinstance(value, list | tuple):
        return [_public_value(item, deepest - 1) for item in value]
    return value


def _text(values: Mapping[str, object], key: str) -> str | None:
    value = values.get(key)
    return None if value is None else str(value)


def _app_file(values: Mapping[str, object]) -> str:
    path = values.get("app_file", "app.yml")
    if isinstance(path, str) and path:
        return path
    fix = 'write the path of one, such as app_file = "examples/radicale/app.yml"'
    what = "this is not the path of an application file"
    raise UserError(what, file=WHERE, key="app_file", fix=fix)


def _path(values: Mapping[str, object], key: str, what: str, such_as: str) -> str | None:
    path = values.get(key)
    if path is None or (isinstance(path, str) and path):
        return path
    fix = f'write the path of one, such as {key} = "{such_as}"'
    raise UserError(f"this is not the path of {what}", file=WHERE, key=key, fix=fix)


def _host_type(values: Mapping[str, object], name: str | None) -> str:
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


def _overrides(values: Mapping[str, object]) -> Iterator[HashableData]:
    overrides = values.get("app", {})
    for override in overrides if isinstance(overrides, list | tuple) else (overrides,):
        if not isinstance(override, Mapping):
            fix = 'write app = {"environment": {...}} with the keys of app.yml'
            raise UserError("app is not a mapping", file=WHERE, key="app", fix=fix)
        yield HashableData(override)


def flag(data: Mapping[str, object], key: str) -> bool:
    """Return whether something is allowed; raises ``UserError`` if that isn't a yes or a no."""
    value = data.get(key, False)
    if (text := str(value).lower()) not in FLAGS:
        what = f"{value!r} is neither yes nor no"
        raise UserError(what, fix=f"write {key} = True", file=WHERE, key=key)
    return FLAGS[text]


def check_old_names(data: Mapping[str, object]) -> None:
    """Raise ``UserError`` if data has the old name of a key: it would be passed over in silence."""
    for key, new in OLD_KEYS.items():
        value: object = data
        for name in key.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None:
            raise renamed(key, new, WHERE)


def renamed(key: str, new: str, file: str) -> UserError:
    """Return the error for a key with its old name, in the file where it stands."""
    old = key.rpartition(".")[2]
    return UserError(f"{old!r} is called {new!r}", fix=f"write {new}", file=file, key=key)


def check_names(data: Mapping[str, object]) -> None:
    """Raise ``UserError`` if a name is an old one of ours or nearly one that we have."""
    check_old_names(data)
    for name in data:
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
