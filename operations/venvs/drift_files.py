"""Every file of a venv against the wheels that are locked."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from homeport.artifacts import WheelContents, is_made, record_rows
from homeport.operations.venvs.drift_packages import package_of
from homeport.operations.venvs.finding import Drift
from homeport.operations.venvs.installed import Installed, VerifiedFiles

Hashes = dict[str, str | None]
"""Files by their path in the venv; None where no wheel names their contents."""


def since_wheels(
    actual: Installed, contents: Mapping[str, WheelContents], site: str, reported: Sequence[Drift]
) -> Iterator[Drift]:
    """Yield the files that are not those of the locked wheels; ``told`` is known already.

    A package that is no locked one is compared with its own RECORD.
    """
    verified = actual.verified or VerifiedFiles()
    known = {drift.what for drift in reported}
    wanted: Hashes = {}
    records = list(_records(actual, site))
    for name, rows in records:
        content = contents.get(name)
        if content is not None and rows == content.record:
            wanted |= content.files
            continue
        if content is not None and name not in known:
            yield Drift(
                "other hash", name, "is of another wheel than the locked one", file_level=True
            )
        wanted |= {path: _hash(row) for path, row in rows.items()}
    for name in contents.keys() - {name for name, _ in records}:
        # What is left of a package that is missing is at least not foreign.
        files = contents[name].files
        wanted |= {path: digest for path, digest in files.items() if path in verified.files}
    yield from _files(verified, wanted, known)
    for path in sorted(verified.made - known):
        yield Drift("edited file", path, "is not what was made with the venv", file_level=True)
    for path in sorted(verified.odd - actual.now.entries.keys()):
        yield Drift(
            "foreign file", path, "is not a file, and from no locked wheel", file_level=True
        )


def _files(verified: VerifiedFiles, expected: Hashes, known: set[str]) -> Iterator[Drift]:
    for path in sorted(expected.keys() | verified.files.keys()):
        there, should = verified.files.get(path), expected.get(path)
        if is_made(path) or known & {path, *map(str, PurePosixPath(path).parents)}:
            continue
        if path not in expected:
            yield Drift("foreign file", path, "is from no locked wheel", file_level=True)
        elif there is None:
            yield Drift("lost file", path, "is in its wheel, and not here", file_level=True)
        elif should is not None and there != should:
            yield Drift("edited file", path, "is not what its wheel brought", file_level=True)


def _records(actual: Installed, site: str) -> Iterator[tuple[str, dict[str, str]]]:
    for path, text in actual.texts.items():
        name = package_of(str(PurePosixPath(path).parent), site)
        if name is not None and path.endswith("/RECORD"):
            rows = record_rows(text, site)
            yield name, {place: row for place, row in rows.items() if not is_made(place)}


def _hash(row: str) -> str | None:
    algorithm, _, digest = row.partition("=")
    if algorithm != "sha256":
        return None
    try:
        return base64.urlsafe_b64decode(f"{digest}=").hex()
    except ValueError:
        return "what its RECORD says can't be read"
