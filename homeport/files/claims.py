"""Paths that another application keeps: its ledgers name them, and neither may take the other's.

What lies in the folders of an application can't be another's. A directory may be shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from shlex import quote

from homeport.engine.kind import PreconditionError
from homeport.files.entries import Entry, File, Link
from homeport.hostctl.protocol import CONFIG, HOME, STATE

LEDGERS = ("files", "config-files", "units", "proxy")
"""The groups whose ledgers name paths outside an application's own folders."""


def probe(app: str, entries: Iterable[Entry]) -> str:
    """Return the shell that prints a ``claim`` line, LEDGER:PATH, for each path that others keep.

    Where nothing is described outside the application's own folders it asks nothing.
    """
    own = (f"{HOME}/{app}/", f"{CONFIG}/{app}/")
    paths = [
        entry.path
        for entry in entries
        if isinstance(entry, File | Link) and not entry.path.startswith(own)
    ]
    if not paths:
        return ":"
    words = " ".join(f"-e {quote(path)}" for path in paths)
    ledgers = " ".join(f"{STATE}/*/{name}" for name in LEDGERS)
    return f"""\
set +f
grep -sHxF {words} -- {ledgers} | grep -v {quote(f"^{STATE}/{app}/")} | sed 's/^/claim\\t/'"""


def require_unclaimed(claims: Sequence[tuple[str, str]]) -> None:
    """Raise ``PreconditionError`` if another application keeps one of these: LEDGER and path."""
    found = [
        f"{path} belongs to the application {PurePosixPath(ledger).parent.name}"
        for ledger, path in claims
    ]
    if found:
        raise PreconditionError(f"{'; '.join(found)}; describe it in one of the two")
