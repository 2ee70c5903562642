"""The programs that commands start: each is in the venv, in the release, or on the host.

Nothing here is ever changed. A command that can't be started is refused before the first change,
not by a service that dies when everything else is in place.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from shlex import quote
from typing import Never

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
    Target,
)
from homeport.engine.phase import operation_for
from homeport.errors import UserError
from homeport.operations.packages.resources import NAME as PACKAGES
from homeport.operations.packages.resources import Package
from homeport.operations.releases import Release

FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin")
"""Where ``templates/host_programs/run`` finds programs, after those of the venv."""


@dataclass(frozen=True)
class Executable:
    """The first word of a command, and the key, file and line that have it."""

    name: str
    release: Release
    key: str
    file: Path | str | None = None
    line: int | None = None

    @property
    def inside(self) -> str | None:
        """The path in the release, None if it isn't looked for there."""
        current = f"{self.release.path.partition('/releases/')[0]}/current/"
        name = self.name.removeprefix(current)
        if "/" not in self.name or name.startswith("/"):
            return None
        return posixpath.normpath(name)


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the described programs that are there already."""
    lines = []
    for program in description.of(Executable):
        folders = [f"{program.release.venv.path}/bin", *FOLDERS]
        places = [program.name] if "/" in program.name else [f"{f}/{program.name}" for f in folders]
        lines.append(
            f"for file in {' '.join(map(quote, places))}; do\n"
            '  if [ -f "$file" ] && [ -x "$file" ]; then\n'
            f'    printf "%s\\n" {quote(program.name)}\n'
            "  fi\ndone\n"
        )
    return "".join(lines) or ":\n"


def parse(answer: ProbeOutput) -> frozenset[str]:
    """Return the names of the programs that are there."""
    return frozenset(answer.lines)


def diff(
    description: DesiredState, actual: frozenset[str], pending: PendingTargets = NOTHING
) -> list[Change[Never]]:
    """Return no change; raises ``UserError`` for a command whose program is nowhere.

    While Debian packages are still to be installed nothing is said of the host's own programs:
    they may bring them, and the probe after that judges it.
    """
    installing = any(
        Target(PACKAGES, package.name) in pending for package in description.of(Package)
    )
    for program in description.of(Executable):
        if program.inside is not None:
            _judge_inside(program, program.inside)
        elif program.name not in actual and not installing and program.name not in _venv(program):
            raise _error(program, "is neither in the venv nor on the host", _near(program))
    return []


def _judge_inside(program: Executable, path: str) -> None:
    if path.startswith("../"):
        raise _error(program, "points outside the release", "name a file of the application")
    if path.startswith("venv/"):
        if path.removeprefix("venv/bin/") not in _venv(program):
            raise _error(program, "is not in the venv", _near(program))
        return
    programs = program.release.artifact.programs
    if not any(path == each or path.startswith(f"{each}/") for each in programs):
        fix = f"correct the path, or run `chmod +x {path}` in the source if the file is there"
        raise _error(program, "is not an executable file of the application", fix)


def _venv(program: Executable) -> list[str]:
    """Return the programs that the venv has, or will have."""
    venv = program.release.venv
    scripts = [script for wheel in venv.wheels() for script in wheel.scripts]
    return ["python", "python3", f"python{venv.target.python}", *scripts]


def _near(program: Executable) -> str:
    name = program.name.rpartition("/")[2]
    for path in program.release.artifact.programs:
        if path.rpartition("/")[2] == name:
            return f"write ./{path}"
    # Others spare themselves the import.
    from homeport.artifacts.console_scripts import module_of_script

    if module := module_of_script(program.release.artifact.path, name):
        return (
            f"write `python -m {module}`: the script {name} comes with an installed project, and "
            "this code is shipped as it is"
        )
    if near := get_close_matches(name, _venv(program), 1):
        return f"write {near[0]}"
    return "lock a package that brings it, or name the Debian package that does under packages:"


def _error(program: Executable, what: str, fix: str) -> UserError:
    return UserError(
        f"{program.name!r} {what}", fix=fix, file=program.file, line=program.line, key=program.key
    )


KIND = Kind("executables", probe, parse, diff)
converge = operation_for(KIND)
"""Refuse commands that can't be started; change nothing."""
