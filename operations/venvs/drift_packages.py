"""The drift from the lock itself: which Python, and which packages in which version."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from homeport.artifacts import Lock, PythonPlatform
from homeport.operations.venvs.finding import Drift
from homeport.operations.venvs.installed import Installed, Listing


def interpreter(target: PythonPlatform, actual: Installed) -> Iterator[Drift]:
    """Yield what is wrong with the interpreter."""
    if not actual.python:
        link = actual.now.entries.get("bin/python")
        where = f" (it points to {link.target})" if link and link.target else ""
        yield Drift("interpreter", "bin/python", f"does not run{where}")
    elif actual.python != target.python:
        yield Drift("interpreter", "bin/python", f"is Python {actual.python}, not {target.python}")


def packages(lock: Lock, there: Listing, site: str) -> Iterator[Drift]:
    """Yield the packages that are not in the version that is locked."""
    found = _installed(there, site)
    locked = {str(canonicalize_name(pin.name)): pin.version for pin in lock.requirements}
    for name, wanted in locked.items():
        versions = found.get(name, [])
        if not versions:
            yield Drift("missing", name, f"{wanted} is locked, and not installed")
        for version in versions:
            if not _is_locked(version, wanted):
                yield Drift("other version", name, f"is {version}; the lock says {wanted}")
    for name in sorted(found.keys() - locked.keys()):
        yield Drift("extra", name, f"{' and '.join(found[name])} is installed, and not locked")


@lru_cache(maxsize=65536)
def package_of(path: str, site: str) -> str | None:
    """Return the name of the package whose ``.dist-info`` this is, if it is one."""
    place = PurePosixPath(path)
    if str(place.parent) != site or place.suffix != ".dist-info":
        return None
    return canonicalize_name(place.stem.partition("-")[0])


def _installed(there: Listing, site: str) -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for path, entry in sorted(there.entries.items()):
        name = package_of(path, site)
        if name is not None and entry.type == "d":
            versions.setdefault(name, []).append(PurePosixPath(path).stem.partition("-")[2])
    return versions


def _is_locked(version: str, locked: str) -> bool:
    if version == locked:
        return True
    try:
        found, wanted = Version(version), Version(locked)
    except InvalidVersion:
        return False
    # As installers have it, `==1.0` allows the build 1.0+cpu.
    return wanted in (found, Version(found.public))
