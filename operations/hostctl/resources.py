"""The program that guards deploys, as it is described."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class HostProgram:
    """The program that guards deploys of an application.

    + repository: where its code is checked out, if that is known
    + allow_downgrade: whether code may go back to what came before the code that runs
    """

    app: str
    repository: Path | None = None
    allow_downgrade: bool = False


class CutOffDeploy(NamedTuple):
    """A deploy that is open, with no process at work on it, by its id."""

    id: str
