"""The application file as it stands on disk: plain data, and the line of every key."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from homeport.errors import UserError
from homeport.manifest.reading.yaml_reader import YamlReader
from homeport.manifest.types.issues import KeyPath

LARGEST = 1_000_000


@dataclass(frozen=True)
class Document:
    """The contents of an application file, not yet validated."""

    path: Path
    data: Mapping[str, object]
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)


def load(path: Path) -> Document:
    """Return the data of the file, with the line of every key.

    Raises UserError when it can't be read, is empty or too large, or isn't a mapping in YAML.
    """
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        fix = "save the file as UTF-8"
        raise UserError("this line is not UTF-8", fix=fix, file=path, line=line) from None
    reader = YamlReader(text, path)
    data = reader.read()
    if data is None:
        raise UserError("the file is empty", fix="start it with name: and source:", file=path)
    if not isinstance(data, dict):
        fix = "start it with keys such as name: and source:"
        raise UserError("the file is not a mapping", fix=fix, file=path, line=1)
    return Document(path, data, reader.lines)


def _bytes(path: Path) -> bytes:
    try:
        # Opening a pipe would wait for its writer.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UserError("this is not a file", fix="name the application file itself", file=path)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        fix = "create it, or name the one you have"
        raise UserError("there is no such file", fix=fix, file=path) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.errno else "a bad file name"
        fix = f"make it a file that {_reader()} may read"
        raise UserError(f"it can't be read ({reason})", fix=fix, file=_name(path)) from None
    if len(content) > LARGEST:
        what = f"the file is larger than {LARGEST // 1_000_000} MB"
        raise UserError(what, fix="keep in it only what says what to run", file=path)
    return content


def _reader() -> str:
    return "root" if os.geteuid() == 0 else "you"


def _name(path: Path) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in str(path))
