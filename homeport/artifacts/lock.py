"""A lock: what exactly an application needs on one kind of host."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import uv
from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

from homeport.artifacts.python_platform import PythonPlatform
from homeport.artifacts.requirements_file import Line, parse
from homeport.errors import UserError

_EXPORT = (
    *("export", "--frozen", "--quiet", "--format=requirements.txt"),
    # What a project needs to run: no group, be it installed by default where it is developed.
    *("--no-emit-project", "--no-default-groups", "--no-header", "--no-annotate"),
)


@dataclass(frozen=True, order=True)
class Pinned:
    """One package at one version; `hashes` are the SHA-256 of the files that may be it."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Lock:
    """The requirements that apply to one Python and architecture, sorted.

    `id` is a hash of them, that Python and that architecture: 64 hexadecimal digits.
    """

    id: str
    requirements: tuple[Pinned, ...]

    @classmethod
    def of(cls, requirements: Iterable[Pinned], target: PythonPlatform) -> Lock:
        """Return the lock of these requirements for that target, in the order of their names."""
        pins = tuple(sorted(requirements))
        identity = f"python {target.python}\narchitecture {target.architecture}\n{_text(pins)}"
        return cls(hashlib.sha256(identity.encode()).hexdigest(), pins)

    def text(self) -> str:
        """Return a requirements file for `uv pip sync --require-hashes`, without markers."""
        return _text(self.requirements)


def _text(pins: Iterable[Pinned]) -> str:
    return "".join(
        " \\\n    ".join([str(pin), *(f"--hash=sha256:{value}" for value in pin.hashes)]) + "\n"
        for pin in pins
    )


def read_lock(path: Path | None, target: PythonPlatform) -> Lock:
    """Return what applies to the target in a requirements file with hashes, or in a `uv.lock`.

    Markers decide what applies (PEP 508). Without a path the lock is empty.
    Raises ``UserError``, with file and line, if a requirement isn't pinned, hashed and from an
    index, or if a package is there twice for the target.
    """
    if path is None:
        return Lock.of((), target)
    exported, text = path.name == "uv.lock", lock_text(path)
    chosen: dict[str, Line] = {}
    for line in parse(text, path, numbered=not exported):
        at = None if exported else line.number
        if not _applies(line, target, path, at):
            continue
        if twin := chosen.get(line.name):
            where = "" if exported else f" (line {twin.number})"
            raise UserError(
                f"{line.name} is there twice for {target}: {line.version} and {twin.version}"
                + where,
                fix="keep one of them, or give each a marker that leaves the other out",
                file=path,
                line=at,
            )
        chosen[line.name] = line
    return Lock.of((Pinned(x.name, x.version, x.hashes) for x in chosen.values()), target)


def lock_text(path: Path) -> str:
    """Return the text of a requirements file with hashes, or a `uv.lock` exported as one.

    It holds the requirements of every target, with their markers.
    Raises ``UserError`` if the file can't be read.
    """
    return _export(path) if path.name == "uv.lock" else _read(path)


def _applies(line: Line, target: PythonPlatform, file: Path, at: int | None) -> bool:
    try:
        return line.marker is None or line.marker.evaluate(target.environment)
    except (UndefinedComparison, UndefinedEnvironmentName):
        raise UserError(
            f"the marker of {line.name} can't be answered: {line.marker}",
            fix="write it with python_version, sys_platform or platform_machine",
            file=file,
            line=at,
        ) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(
            f"the lock can't be read ({error.strerror})",
            fix="name the file, relative to the application, as requirements: in app.yml",
            file=path,
        ) from None
    except UnicodeDecodeError:
        raise UserError(
            "the lock is not text in UTF-8", fix="save it as UTF-8", file=path
        ) from None


def _export(path: Path) -> str:
    _read(path)
    command = [uv.find_uv_bin(), *_EXPORT, "--project", str(path.parent)]
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode:
        reason = " ".join(result.stderr.split()).removeprefix("error: ")
        raise UserError(
            f"uv can't read it: {reason}",
            fix="run `uv lock` beside its pyproject.toml",
            file=path,
        )
    return result.stdout
