"""Fetching wheels for another machine, through pip, and saying plainly why it can't be done."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from homeport.artifacts.lock import Lock, Pinned
from homeport.artifacts.python_platform import PythonPlatform
from homeport.errors import UserError

_MISSING = re.compile(
    r"Could not find a version that satisfies the requirement (\S+) \(from versions: (.*)\)"
)
_UNREACHED = re.compile(r"Could not fetch URL (\S+): (?!404 )(.*) - skipping")
_REFUSED = re.compile(r"(401|403) Client Error")
_MISMATCH = re.compile(r"DO NOT MATCH THE HASHES.*?^\s+(\S+) from ", re.DOTALL | re.MULTILINE)
_SKIPPED = re.compile(r"Skipping link: (?:none of the wheel's tags|No sources).*?: (\S+://\S+)")


def download(
    pins: Sequence[Pinned], target: PythonPlatform, index: str | None, room: Path
) -> tuple[Path, ...]:
    """Download the wheels of these pins into `room`; return their paths, sorted by name.

    pip verifies each against the pin's hashes, and builds nothing: it takes wheels only.
    `index` is the URL of a package index, pip's own setting if None. Raises ``UserError`` if a
    package has no wheel for the target, the index can't be reached, or a file isn't the one locked.
    """
    wheels, wanted, log = room / "wheels", room / "wanted.txt", room / "pip.log"
    wanted.write_text(Lock.of(pins, target).text())
    print(
        f"fetching {_count(pins)} for {target.architecture}, Python {target.python}",
        file=sys.stderr,
    )
    result = subprocess.run(
        _command(pins, target, requirements=wanted, wheels=wheels, log=log),
        env=_environment(index),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        details = log.read_text(errors="replace") if log.is_file() else ""
        raise explain(result.stderr, details, pins, target)
    return tuple(sorted(wheels.iterdir()))


def explain(output: str, log: str, pins: Sequence[Pinned], target: PythonPlatform) -> UserError:
    """Return the error behind the output and the log of a pip that failed."""
    if unreached := _UNREACHED.search(log):
        return _unreached(unreached[1], unreached[2])
    if missing := _MISSING.search(output):
        versions = () if missing[2] == "none" else tuple(missing[2].split(", "))
        return _no_wheel(missing[1], versions, _offered(log, missing[1]), target)
    if mismatch := _MISMATCH.search(output):
        return UserError(
            f"the index's wheel of {mismatch[1]} is not one that the lock names",
            fix="make the lock again, with the hashes of all platforms (--universal); "
            "if it was right yesterday, ask who replaced that file",
        )
    lines = output.strip().splitlines() or ["it says nothing"]
    errors = [line for line in lines if line.startswith("ERROR: ")] or lines
    return UserError(
        f"pip could not fetch {_count(pins)}: {errors[-1].removeprefix('ERROR: ')}",
        fix="fix what pip says and deploy again",
    )


def _command(
    pins: Sequence[Pinned], target: PythonPlatform, *, requirements: Path, wheels: Path, log: Path
) -> list[str]:
    abis = (f"cp{target.python.replace('.', '')}", "abi3", "none")
    return [
        # -P: a pip.py in the directory one happens to be in is not pip.
        *(sys.executable, "-P", "-m", "pip", "download"),
        *("--no-deps", "--only-binary=:all:", "--no-input", "--quiet"),
        *("--disable-pip-version-check", f"--log={log}", f"--dest={wheels}"),
        *(("--require-hashes",) if all(pin.hashes for pin in pins) else ()),
        *("--implementation=cp", f"--python-version={target.python_full_version}"),
        *(f"--abi={abi}" for abi in abis),
        *(f"--platform={platform}" for platform in target.platforms),
        f"--requirement={requirements}",
    ]


def _environment(index: str | None) -> dict[str, str]:
    # An index may carry a password, and other users can read a command line.
    return {**os.environ, **({"PIP_INDEX_URL": index} if index else {})}


def _unreached(url: str, reason: str) -> UserError:
    host = urlsplit(url).hostname or "the package index"
    if _REFUSED.search(reason):
        return UserError(
            f"the package index at {host} refused access",
            fix="check the name and password in index: or in your .netrc",
        )
    return UserError(
        f"the package index at {host} can't be reached",
        fix="check the network and index: in app.yml; what was fetched before needs neither",
    )


def _no_wheel(
    requirement: str, versions: Sequence[str], offered: Sequence[str], target: PythonPlatform
) -> UserError:
    choice = f" ({', '.join(versions[-3:])})" if versions else ""
    return UserError(
        f"{requirement} has no wheel for {target}{_what_there_is(offered)}",
        fix=f"pin another version that has one{choice}, name an index that has one as index: in "
        "app.yml, or build a manylinux wheel yourself and put it on your index",
    )


def _what_there_is(offered: Sequence[str]) -> str:
    wheels = [name for name in offered if name.endswith(".whl")]
    if not wheels:
        return " (the index has only its source)" if offered else ""
    tags = sorted({tag for name in wheels for tag in _interpreters(name)})
    return f" (the index has it for other systems or Pythons: {', '.join(tags)})"


def _interpreters(wheel: str) -> set[str]:
    return {tag.interpreter for tag in parse_wheel_filename(wheel)[3]}


def _offered(log: str, requirement: str) -> tuple[str, ...]:
    """Return the files of that very version which the index has and pip passed over."""
    name, _, version = requirement.partition("==")
    found = set()
    for url in _SKIPPED.findall(log):
        file = unquote(urlsplit(url).path.rpartition("/")[2])
        if _is_of(file, canonicalize_name(name), version):
            found.add(file)
    return tuple(sorted(found))


def _is_of(file: str, name: str, version: str) -> bool:
    try:
        if file.endswith(".whl"):
            project, release, _, _ = parse_wheel_filename(file)
            return project == name and str(release) == version
    except InvalidWheelFilename:
        return False
    stem = file.removesuffix(".tar.gz").removesuffix(".zip")
    project_part, _, release_part = stem.rpartition("-")
    return canonicalize_name(project_part) == name and release_part == version


def _count(pins: Sequence[Pinned]) -> str:
    return f"{len(pins)} wheel{'' if len(pins) == 1 else 's'}"
