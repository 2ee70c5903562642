"""Debian packages: what is missing is installed; nothing is ever removed or held back.

A shared host's packages aren't ours to take away, so a package that left the description stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    Reason,
    Target,
    when_changed,
)
from homeport.engine.phase import operation_for
from homeport.operations.packages.probe import PackagesState, parse, probe
from homeport.operations.packages.resources import NAME, Package

SHOWN = 5
"""Providers that a message names."""


class Why(Reason):
    """The reasons why a package is to be installed."""

    MISSING = "package not installed; a revert leaves it"


def diff(
    description: DesiredState, actual: PackagesState, pending: PendingTargets = NOTHING
) -> list[Change[Package]]:
    """Return one change for each package that is missing.

    Raises ``PreconditionError`` for names that no package of this release has: what apt would
    install in their place is never seen to be there.
    """
    missing = [each for each in description.of(Package) if each.name not in actual.installed]
    if virtual := [each.name for each in missing if each.name in actual.virtual]:
        raise PreconditionError("; ".join(provided(name, actual.virtual[name]) for name in virtual))
    return [
        Change("add", Target(NAME, package.name), (Why.MISSING(),), package) for package in missing
    ]


def provided(name: str, providers: Sequence[str]) -> str:
    """Return what to write in place of a name that no package of this release has."""
    first, *others = dict.fromkeys(providers)
    more = f" and {len(others) - SHOWN + 1} more" if len(others) >= SHOWN else ""
    names, which = ", ".join((first, *others[: SHOWN - 1])), "one of them" if others else "that"
    return (
        f"{name} is provided by {names}{more} on this Debian; name {which} below apt_packages, "
        "for hosts of this release alone in group_data"
    )


KIND = Kind(NAME, probe, parse, diff, when_changed("homeport.operations.packages.apply"))
converge = operation_for(KIND)
"""Install the described packages that are missing."""
