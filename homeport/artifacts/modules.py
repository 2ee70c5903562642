"""Which modules a wheel, or an application's source, makes importable."""

from __future__ import annotations

import keyword
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from homeport.artifacts.source_tree import read_tree
from homeport.artifacts.unpacking import open_wheel

_MODULE = re.compile(r"([^.]+)\.(?:py|(?:cpython-\d+[a-z]*-[\w-]+|abi3)\.so)")
_EXTENSION = re.compile(r"([^.]+)\.(?:cpython-\d+[a-z]*-[\w-]+|abi3)\.so")
_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
# Importing these would run them, or need what only developers install.
_NOT_FOR_IMPORT = (
    *("conftest", "docs", "examples", "fabfile", "noxfile", "setup", "test", "tests"),
    *("__init__", "__main__"),
    # Once pip is imported, setuptools no longer brings the distutils that Debian leaves out.
    "pip",
)
_TEST = re.compile(r"test_.*|.*_test")


def top_level_modules(wheel: Path) -> tuple[str, ...]:
    """Return the modules that an installed wheel makes importable, sorted: `("_yaml", "yaml")`.

    For a namespace (a directory without `__init__`) its packages: `zope.interface`.
    Some packages can only be imported after another one of their lock (psycopg_binary after
    psycopg): import those of a lock in its order, in one process.
    Raises ``UserError`` if the file isn't a wheel.
    """
    with open_wheel(wheel) as archive:
        names = archive.namelist()
    return modules_among(_DATA.sub("", name) for name in names)


def source_modules(root: Path) -> tuple[str, ...]:
    """Return the modules that an application's tree makes importable, sorted.

    They are at its root or in `src/`; tests and what only a developer runs are left out.
    Raises ``UserError`` as `read_tree` does.
    """
    return modules_of_source(entry.path for entry in read_tree(root))


def modules_of_source(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the modules of a tree as `source_modules` does, from the paths of its files."""
    paths = tuple(paths)
    below = [path.removeprefix("src/") for path in paths if path.startswith("src/")]
    if any(_MODULE.fullmatch(path) and path.startswith("__init__.") for path in below):
        below = []  # `src` is itself a package
    # A directory without `__init__` at the root is far more often scripts than a namespace.
    found = {*modules_among(paths, namespaces=False), *modules_among(below)}
    return tuple(sorted(name for name in found if not _TEST.fullmatch(name)))


def modules_among(paths: Iterable[str], *, namespaces: bool = True) -> tuple[str, ...]:
    """Return the modules that files make importable, sorted, from their paths with slashes.

    Without `namespaces` a directory without `__init__` makes nothing importable.
    """
    return tuple(sorted(set(_modules(paths, _MODULE, namespaces))))


def _modules(paths: Iterable[str], module: re.Pattern[str], namespaces: bool) -> Iterator[str]:
    directories: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        first, slash, rest = path.partition("/")
        if slash:
            directories[first].append(rest)
        elif (match := module.fullmatch(first)) and _importable(match[1]):
            yield match[1]
    for name, below in directories.items():
        if not _importable(name):
            continue
        if any(_is_init(path) for path in below):
            yield name
        elif namespaces:
            yield from (f"{name}.{inner}" for inner in _modules(below, _EXTENSION, True))


def _is_init(path: str) -> bool:
    match = _MODULE.fullmatch(path)
    return match is not None and match[1] == "__init__"


def _importable(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in _NOT_FOR_IMPORT
