"""Virtual environments: built on the host by uv, offline, from wheels that the controller sends.

A venv is named by its lock, Python and architecture, built beside and renamed, so one that is
there is whole, and every release with the same lock shares it. What is sent is checked by hash
on arrival and kept, so a second venv gets only the wheels that the first did not have.
"""

from __future__ import annotations

from collections.abc import Sequence

from homeport import artifacts
from homeport.engine.kind import (
    NOTHING,
    Because,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    Reason,
    Target,
    payloads,
    when_changed,
)
from homeport.engine.phase import operation_for
from homeport.operations.venvs.drift import Drift, drifts
from homeport.operations.venvs.probe import VenvsState, parse, probe
from homeport.operations.venvs.resources import Venv

NAME = "venvs"


SHOWN = 3
"""Findings that a reason names; its diff has all of them."""


def drifts_of(venv: Venv, actual: VenvsState) -> list[Drift]:
    """Return how a venv differs from its lock."""
    return drifts(venv.lock, venv.target, actual.installed.get(venv.path), venv.contents)


class Why(Reason):
    """The reasons why a venv is to be built."""

    NEW = "new venv of {} packages for Python {}"
    DRIFTED = "built anew: {}{}"


def diff(
    description: DesiredState, actual: VenvsState, pending: PendingTargets = NOTHING
) -> list[Change[Venv]]:
    """Return one change for each venv that is missing, broken, or not what its lock says."""
    changes: list[Change[Venv]] = []
    for venv in description.of(Venv):
        findings = [str(drift) for drift in drifts_of(venv, actual)]
        if venv.path not in actual.installed:
            changes.append(Change("add", Target(NAME, venv.path), (_size(venv),), venv))
        elif findings:
            more = f"; and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
            because = Why.DRIFTED("; ".join(findings[:SHOWN]), more)
            changes.append(
                Change("change", Target(NAME, venv.path), (because,), venv, tuple(findings))
            )
    return changes


def prepare(changes: Sequence[Change[Venv]], actual: VenvsState) -> None:
    """Download the wheels and uv before any host is touched; raises ``UserError`` if one lacks."""
    for venv in payloads(changes, Venv):
        venv.wheels()
        artifacts.uv_binary(venv.target.architecture)


def _size(venv: Venv) -> Because:
    return Why.NEW(len(venv.lock.requirements), venv.target.python)


KIND = Kind(NAME, probe, parse, diff, when_changed("homeport.operations.venvs.apply"), prepare)


converge = operation_for(KIND)
"""Build the described virtual environments that are missing."""
