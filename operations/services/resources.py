"""Services and timers that should run on a host, and the release that they start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from homeport.engine.kind import Because


@dataclass(frozen=True)
class CurrentLink:
    """The link that names the release which services and timers start from, and its venv.

    ``what`` is what it leads to, in a word: on a laptop there is such a link to the venv as well.
    """

    path: str
    release: str
    venv: str
    what: str = "release"

    @property
    def followed(self) -> dict[str, str]:
        """The links that a service follows at its start, and where each should lead it."""
        return {self.path: self.release, f"{self.path}/venv": self.venv}


@dataclass(frozen=True)
class ServiceInput:
    """A file that a service reads when it starts, and the hash that it should have then."""

    path: str
    sha256: str
    secret: bool = False


@dataclass(frozen=True)
class RunOnce:
    """A unit that runs once on a host: until its record is there, and never again.

    + record: the file that the unit leaves when it has succeeded
    + command: what it runs, for a person to read
    """

    unit: str
    record: str
    command: str


@dataclass(frozen=True)
class Service:
    """A service or a timer that is enabled and runs.

    + digest: of the unit's text; empty for a timer, which reads nothing that could be stale
    + ready: the command that succeeds when the service is ready; none if there is no way to ask
    + deadline: seconds that it may take to get there
    + slotted: whether it runs in two slots, by turns; its unit is the template of theirs
    + memory: what it may use at most, as systemd writes it
    """

    unit: str
    digest: str = ""
    reads: tuple[ServiceInput, ...] = ()
    current: CurrentLink | None = None
    ready: tuple[str, ...] = ()
    deadline: int = 90
    slotted: bool = False
    memory: str | None = None

    def instance(self, slot: str) -> str:
        """Return the unit that runs it in a slot."""
        return self.unit.replace("@.", f"@{slot}.")


@dataclass(frozen=True)
class ServiceChange:
    """The change of a service: why it must start anew, and why it must be enabled."""

    service: Service
    start: tuple[Because, ...]
    enable: tuple[Because, ...]
    runs: bool = False

    @property
    def leaves_a_gap(self) -> bool:
        """Whether it runs, and doesn't for a while."""
        return self.runs and bool(self.start) and not self.service.slotted and self.is_process

    @property
    def is_process(self) -> bool:
        """Whether it is more than a timer."""
        return bool(self.service.digest)


class StaleUnit(NamedTuple):
    """The unit of a slot that runs, and is no longer described."""

    unit: str


ServicesPayload = CurrentLink | RunOnce | ServiceChange | StaleUnit
"""What is to be done about what runs."""
