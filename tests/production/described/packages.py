"""Debian packages: installed, whole."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.packages.resources import Package


def question(description: DesiredState) -> str:
    """Return the shell that prints the state of each described package."""
    names = " ".join(quote(package.name) for package in description.of(Package))
    if not names:
        return ":"
    # It exits 1 when it doesn't know one of the names, and still tells of the others.
    return f"dpkg-query -W -f '${{Package}} ${{Status}}\\n' {names} 2>/dev/null || [ $? = 1 ]\n"


def faults(package: Package, answer: str) -> list[str]:
    """Return why a package can't be used."""
    states = dict(line.split(" ", 1) for line in answer.splitlines())
    state = states.get(package.name, "not known to dpkg")
    words = state.split()
    return [] if words[1:] == ["ok", "installed"] else [f"is not installed: its state is {state}"]
