"""The keys of host data that homeport knows, and the names that they had before."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from homeport.errors import UserError
from homeport.manifest import BootstrapData
from homeport.pyinfra_adapter.data_source import WHERE

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
