"""The programs that commands start: found from where a service would look for them."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.executables import Executable


def question(description: DesiredState) -> str:
    """Return the shell that prints each program that is found, and where."""
    lines = []
    for program in description.of(Executable):
        release = quote(program.release.path)
        lines.append(
            f"(cd {release}; PATH=$PWD/venv/bin:/usr/local/bin:/usr/bin:/bin; "
            f"echo {quote(program.name)} at $(which {quote(program.name)} || true))"
        )
    return "\n".join(lines) or ":"


def faults(program: Executable, answer: str) -> list[str]:
    """Return that the program isn't found, if it isn't."""
    found = (line.partition(" at ") for line in answer.splitlines())
    there = any(name == program.name and path.strip() for name, _, path in found)
    return [] if there else [f"{program.name} is not there to be started"]
