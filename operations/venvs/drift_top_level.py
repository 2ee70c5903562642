"""The drift at the top of a venv, of its ``bin`` and of site-packages since it was built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from homeport.artifacts import record_rows
from homeport.operations.venvs.drift_packages import package_of
from homeport.operations.venvs.finding import Drift
from homeport.operations.venvs.installed import Installed, InstalledEntry, Listing

HOOKS = ("sitecustomize", "usercustomize")


def since_built(
    actual: Installed, built: Listing, site: str, known: Sequence[Drift]
) -> Iterator[Drift]:
    """Yield what was added, lost or changed; ``known`` are the findings so far.

    What belongs to a package that is a finding itself is not told again.
    """
    reported = {drift.what for drift in known}
    explained = {*reported, f"{site}/__pycache__", *_explained(actual, built, site)}
    # Where a package is missing, or was replaced, what is gone went with it.
    replaced = bool({"missing", "other version"} & {drift.kind for drift in known})
    now = actual.now
    for path in sorted(now.entries.keys() | built.entries.keys()):
        there, was = now.entries.get(path), built.entries.get(path)
        went = replaced and there is None and path.startswith((f"{site}/", "bin/"))
        if there != was and not (went or path in explained or package_of(path, site) in reported):
            yield _entry(path, there, was, site)
    for path in sorted(built.sums):
        if now.sums.get(path) != built.sums[path]:
            yield from _changed(path, actual, site, reported)


def _entry(path: str, there: InstalledEntry | None, was: InstalledEntry | None, site: str) -> Drift:
    if path.startswith("bin/python") and was is not None:
        target = f"points to {there.target or 'nothing'}" if there else "is gone"
        return Drift("interpreter", path, f"{target}; it was {was.target or 'a file'} when built")
    if path == "pyvenv.cfg" and there is None:
        return Drift("system packages", path, "is gone: Python takes those of the system")
    if there is None:
        return Drift("lost file", path, "was there when the venv was built")
    if was is not None:
        return Drift("edited file", path, "is of another type than when the venv was built")
    if _is_hook(path, site):
        return Drift("start-up file", path, "is from no locked wheel, and run at every start")
    return Drift("foreign file", path, "is from no locked wheel")


def _changed(path: str, actual: Installed, site: str, reported: set[str]) -> Iterator[Drift]:
    """Yield what is wrong with a file whose hash isn't what it was; if it is one, still."""
    place = PurePosixPath(path)
    there = path in actual.now.sums
    if place.name == "RECORD":
        name = package_of(str(place.parent), site)
        if name is not None and name not in reported:
            detail = "is of another wheel than the locked one" if there else "has lost its RECORD"
            yield Drift("other hash", name, detail)
    elif not there:
        # Gone, or no file any more: its entry says so.
        return
    elif path == "pyvenv.cfg" and _lets_in(actual.texts.get(path, "")):
        yield Drift("system packages", path, "lets in those of the system")
    elif _is_hook(path, site):
        yield Drift("start-up file", path, "was changed, and is run at every start")
    else:
        yield Drift("edited file", path, "was changed since the venv was built")


def _lets_in(text: str) -> bool:
    # As Python's own site reads it: where nothing is said of them, the system's packages are in.
    value = "true"
    for line in text.splitlines():
        key, _, setting = line.partition("=")
        if key.strip().lower() == "include-system-site-packages":
            value = setting.strip().lower()
    return value == "true"


def _explained(actual: Installed, built: Listing, site: str) -> Iterator[str]:
    """Yield what stands at the top and belongs to packages that are findings themselves."""
    for path, text in actual.texts.items():
        anew = actual.now.sums.get(path) != built.sums.get(path)
        if anew and path.endswith("/RECORD"):
            for row in record_rows(text, site):
                depth = 2 if row.startswith("bin/") else 4
                yield str(PurePosixPath(*PurePosixPath(row).parts[:depth]))


def _is_hook(path: str, site: str) -> bool:
    place = PurePosixPath(path)
    hook = place.suffix == ".pth" or place.name.partition(".")[0] in HOOKS
    return hook and str(place.parent) == site
