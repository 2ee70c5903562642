"""The variables by which a rollout controls a run of pyinfra."""

from __future__ import annotations

import os
from pathlib import Path

from pyinfra.api.state import State

REPORT = "HOMEPORT_REPORT"
"""The variable that names the file for the run's report."""
ONLY_CHECK = "HOMEPORT_ONLY_CHECK"
"""The variable that ends a run before it connects to a host."""


def only_check() -> bool:
    """Return whether the run ends after its check."""
    return ONLY_CHECK in os.environ


def write_report(state: State) -> None:
    """Write the report of a run, if its environment names a file for it.

    Raises ``OSError`` if that can't be written.
    """
    if file := os.environ.get(REPORT):
        # Other runs spare themselves the import.
        from homeport.rollout.report import write

        write(state, Path(file))
