"""The contents of a venv: the shell that lists them, and the parser of the list.

The same listing is taken when a venv is built and kept inside it. So a probe needs no wheels to
tell what was added, lost or replaced since, and a host that is as it was says little.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from homeport.engine.kind import ProbeError

FUNCTIONS = Path(__file__).with_suffix(".sh").read_text()
"""Shell to run in a venv: ``tell`` and ``verify_files`` to probe it, ``keep`` when it is built."""

_SUM = re.compile(r"([0-9a-f]{64})  (.+)")


class InstalledEntry(NamedTuple):
    """The file at one path: its type as ``find`` has it, and where a link leads."""

    type: str
    target: str = ""


@dataclass
class Listing:
    """The files at the top of a venv, of ``bin`` and of site-packages; some of them hashed."""

    entries: dict[str, InstalledEntry] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)


@dataclass
class VerifiedFiles:
    """Every file that a wheel may have brought, by its hash, and what else is there.

    + made: what was made when the venv was built (byte code, scripts), and is not as it was then
    + odd: neither files nor directories: links, pipes
    """

    files: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)


@dataclass
class Installed:
    """The contents of one venv.

    + python: the version of its interpreter, nothing if there is none
    + now, built: what is there, and what was there when it was built; None if that isn't recorded
    + texts: the text of each RECORD, and of pyvenv.cfg, that isn't as built
    + verified: None unless every file was probed
    """

    python: str = ""
    now: Listing = field(default_factory=Listing)
    built: Listing | None = None
    texts: dict[str, str] = field(default_factory=dict)
    verified: VerifiedFiles | None = None


def probe(venvs: Mapping[str, bool]) -> str:
    """Return the shell that tells what is in each venv; ``True`` has it hash every file."""
    parts = [
        f"""\
if [ -d {quote(path)} ]; then
  cd {quote(path)}
  tell {quote(path)}
  {"verify_files" if deeply else ":"}
fi
"""
        for path, deeply in venvs.items()
    ]
    return "".join([FUNCTIONS, *parts])


def parse(lines: Sequence[str]) -> dict[str, Installed]:
    """Return what was found in each venv that is there; raises ``ProbeError``."""
    listings: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("venv\t"):
            listings[line.removeprefix("venv\t")] = []
        elif listings:
            listings[next(reversed(listings))].append(line)
        else:
            raise _strange(line)
    return {path: _read(about) for path, about in listings.items()}


def _read(lines: Sequence[str]) -> Installed:
    venv = Installed()
    listing = venv.now
    for line in lines:
        match line.split("\t"):
            case ["python", version]:
                venv.python = version
            case ["entry", path, kind, *target]:
                listing.entries[_short(path)] = InstalledEntry(kind, "\t".join(target))
            case ["as-built"]:
                venv.built = venv.now
            case ["was"]:
                venv.built = listing = Listing()
            case ["end"]:
                listing = venv.now
            case ["text", path, body]:
                text = base64.b64decode(body, validate=True).decode(errors="replace")
                venv.texts[_short(path)] = text
            case ["verify_files"]:
                venv.verified = VerifiedFiles()
            case [("file" | "made" | "odd") as what, *path] if venv.verified is not None:
                _read_file(venv.verified, what, "\t".join(path))
            case _:
                path, digest = _sum(line)
                listing.sums[path] = digest
    return venv


def _read_file(verified: VerifiedFiles, what: str, rest: str) -> None:
    if what == "odd":
        verified.odd.add(_short(rest))
        return
    path, digest = _sum(rest)
    if what == "file":
        verified.files[path] = digest
    else:
        verified.made.add(path)


def _sum(line: str) -> tuple[str, str]:
    if not (match := _SUM.fullmatch(line)):
        raise _strange(line)
    return _short(match[2]), match[1]


def _short(path: str) -> str:
    return path.removeprefix("./")


def _strange(line: str) -> ProbeError:
    return ProbeError(f"a line about venvs is not understood: {line[:40]!r}")
