"""The contents of a wheel: each file that it puts into a venv, by hash, and its RECORD's claims."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath

from packaging.utils import canonicalize_name, parse_wheel_filename

from homeport.artifacts.python_platform import PythonPlatform
from homeport.artifacts.unpacking import open_wheel, read_text
from homeport.artifacts.wheel_paths import installed_path
from homeport.artifacts.wheels import Wheel

_CHUNK = 1 << 20  # bytes
_NOTES = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"}


@dataclass(frozen=True)
class WheelContents:
    """The files of one wheel, by their paths in a venv, in printable characters.

    `files` has the SHA-256 of each file, in hexadecimal digits. `record` has its hash in the
    wheel's RECORD, as `sha256=` and base64 (PEP 427). Neither has what an installer rewrites:
    scripts, and RECORD itself.
    """

    files: Mapping[str, str]
    record: Mapping[str, str]


def contents_of(wheels: Iterable[Wheel], target: PythonPlatform) -> dict[str, WheelContents]:
    """Return the contents of these wheels, by the canonical name of the package (PEP 503)."""
    site = site_packages(target.python)
    return {
        canonicalize_name(parse_wheel_filename(wheel.filename)[0]): _content(wheel.path, site)
        for wheel in wheels
    }


def site_packages(python: str) -> str:
    """Return the directory of packages in a venv of that Python, relative to the venv."""
    return f"lib/python{python}/site-packages"


def record_rows(text: str, site: str) -> dict[str, str]:
    """Return the rows of a RECORD (PEP 376): paths in the venv, each with its hash or `""`.

    `site` is the directory that the paths in the RECORD are relative to.
    """
    rows = (row for row in csv.reader(io.StringIO(text)) if row)
    return {printable(normpath(f"{site}/{row[0]}")): "".join(row[1:2]) for row in rows}


def printable(path: str) -> str:
    """Return a path as a host shows it: a question mark for each byte that isn't printable."""
    return "".join(chr(byte) if 31 < byte < 127 else "?" for byte in path.encode(errors="replace"))


def is_made(path: str) -> bool:
    """Return whether an installer makes or rewrites the file, so that no wheel has its hash.

    That is byte code, scripts, files at the top of a venv, and an installer's notes in .dist-info.
    """
    parts = PurePosixPath(path)
    return (
        parts.suffix == ".pyc"
        or parts.parts[0] == "bin"
        or len(parts.parts) == 1
        or (parts.name in _NOTES and parts.parent.suffix == ".dist-info")
    )


@cache
def _content(wheel: Path, site: str) -> WheelContents:
    with open_wheel(wheel) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        (record,) = (name for name in names if name.endswith(".dist-info/RECORD"))
        rows = csv.reader(io.StringIO(read_text(archive, record).decode()))
        claims = {_place(row[0], site): "".join(row[1:2]) for row in rows if row}
        files = {_place(name, site): _sha256(archive, name) for name in names}
    return WheelContents(_brought(files), _brought(claims))


def _brought(what: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in what.items() if not is_made(path)}


def _place(name: str, site: str) -> str:
    return printable(installed_path(name, site))


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
