"""Debian packages: what is missing is installed; nothing is ever removed or held back.

A shared host's packages aren't ours to take away, so a package that left the description stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
    Reason,
    Target,
)
from homeport.engine.phase import operation_for

NAME = "packages"


@dataclass(frozen=True)
class Package:
    """A Debian package that the host should have, in whatever version its release offers."""

    name: str


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the name of each described package that is installed."""
    names = " ".join(quote(package.name) for package in description.of(Package))
    if not names:
        return ":\n"
    # dpkg-query exits 1 when it doesn't know a name; the names it prints are all the same true.
    return f"""\
dpkg-query -W -f '${{db:Status-Status}} ${{Package}}\\n' {names} 2>/dev/null || [ $? = 1 ]
"""


def parse(answer: ProbeOutput) -> frozenset[str]:
    """Return the names of the packages that are installed whole."""
    lines = (line.split(" ") for line in answer.text.splitlines())
    return frozenset(name for status, name in lines if status == "installed")


class Why(Reason):
    """The reasons why a package is to be installed."""

    MISSING = "package not installed; a revert leaves it"


def diff(
    description: DesiredState, actual: frozenset[str], pending: PendingTargets = NOTHING
) -> list[Change[Package]]:
    """Return one change for each package that is missing."""
    return [
        Change("add", Target(NAME, package.name), (Why.MISSING(),), package)
        for package in description.of(Package)
        if package.name not in actual
    ]


def apply(
    description: DesiredState, actual: frozenset[str], changes: Sequence[Change[Package]]
) -> Commands:
    """Yield the one command that installs what is missing."""
    yield install([change.payload.name for change in changes])


def install(packages: Sequence[str]) -> StringCommand:
    """Return the command that installs packages, patient with an apt that is at work.

    pyinfra's own operation would ask the host again for what the probe has told already.
    """
    apt = "apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold"
    names = " ".join(quote(package) for package in packages)
    virtual = "echo 'A virtual package can not be looked for: name a real one in app.yml.' >&2"
    return StringCommand(
        "export DEBIAN_FRONTEND=noninteractive;",
        f"{apt} update >/dev/null && {apt} --no-install-recommends install {names}",
        f"&& {{ dpkg-query -W {names} >/dev/null || {{ {virtual}; exit 1; }}; }}",
    )


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Install the described packages that are missing."""
