"""The host data that files may hold: neither what may be a secret, nor how a host is reached."""

from __future__ import annotations

import re
from collections.abc import Mapping

from homeport.manifest.reading.yaml_reader import DEEPEST

PRIVATE = re.compile(
    "_.*|ssh_.*|.*(?:password|passwd|passphrase|secret|token|credential|api_?key).*"
    "|(?:.*[_-])?(?:key|pass|pwd|auth)",
    re.IGNORECASE,
)
"""Names of data that stays out of files: how a host is reached, and what may be a secret."""
TELLING = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY", re.I)
"""What stands in a secret that goes by another name: a URL with a password, a private key."""


def public_data(values: Mapping[str, object], deepest: int = DEEPEST) -> dict[str, object]:
    """Return the data without what stays out of files, at every depth down to ``deepest``."""
    return {
        name: _value(value, deepest)
        for name, value in values.items()
        if not (PRIVATE.fullmatch(str(name)) or _is_telling(value))
    }


def _is_telling(value: object) -> bool:
    return isinstance(value, str) and TELLING.search(value) is not None


def _value(value: object, deepest: int) -> object:
    if isinstance(value, Mapping | list | tuple) and not deepest:
        return None  # deeper than any file of the user's may be, or a circle
    if isinstance(value, Mapping):
        return public_data(value, deepest - 1)
    if isinstance(value, list | tuple):
        return [_value(item, deepest - 1) for item in value if not _is_telling(item)]
    return value
