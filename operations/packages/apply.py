"""The installation of packages: others that are at work come first, and nothing is removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import Change, Commands, DesiredState
from homeport.operations.packages.probe import OFFERS, PackagesState
from homeport.operations.packages.resources import Package

PATIENCE = 600
"""Seconds in which what else installs packages there comes to its end, the first boot's too."""
CLOUD = "/run/cloud-init"
INSTALL = Path(__file__).with_name("install.sh").read_text()
"""The shell that installs the packages which ``set --`` names."""


def apply(
    description: DesiredState, actual: PackagesState, changes: Sequence[Change[Package]]
) -> Commands:
    """Yield the one command that installs what is missing."""
    yield install([change.payload.name for change in changes])


def install(packages: Sequence[str], patience: int = PATIENCE) -> StringCommand:
    """Return the command that installs packages, all of them or, if one isn't offered, none.

    pyinfra's own operation would ask the host again for what the probe has told already.
    """
    names = " ".join(quote(package) for package in packages)
    return StringCommand(f"{OFFERS}\npatience={patience} cloud={CLOUD}\nset -- {names}\n{INSTALL}")
