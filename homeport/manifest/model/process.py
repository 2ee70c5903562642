"""Processes that run all the time, jobs by the calendar, and jobs that run once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from homeport.manifest.model.health import Health
from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.calendar import Calendar
from homeport.manifest.types.command import Command, fill, placeholders
from homeport.manifest.types.issues import Issue, refuse_all
from homeport.manifest.types.listen import Listen
from homeport.manifest.types.text import Directive, Flag, Seconds, Size, Whole, distinct

DisabledHardening = Annotated[
    tuple[Directive, ...],
    Field(json_schema_extra={"uniqueItems": True}),
    AfterValidator(distinct),
]


LISTENING = {"port", "socket"}
"""The placeholders that say where to listen."""


class Process(ConfigModel):
    """A process that runs all the time."""

    command: Command
    """Command line, not read by a shell; {port}, {socket}, {config}, {data} stand for places."""
    listen: Listen | None = None
    """The word socket, or a port; without it the process listens to nothing."""
    notify: Flag = False
    """Wait until the process tells systemd that it is ready (Type=notify)."""
    watchdog: Seconds | None = None
    """Seconds without WATCHDOG=1 after which systemd restarts it (WatchdogSec=); implies notify."""
    health: Health | None = None
    """Health checks of the process, over HTTP; they need listen."""
    memory: Size | None = None
    """Memory that it may use at most, such as 256M."""
    tasks: Annotated[Whole, Field(ge=1, le=4194304)] | None = None
    """Processes and threads that it may have at most (TasksMax=)."""
    stop_timeout: Seconds = 30
    """Seconds that it gets to stop before it is killed (TimeoutStopSec=)."""
    strategy: Literal["blue_green", "recreate"] = "blue_green"
    """Start a release beside the old one (blue_green), or once that has stopped (recreate)."""
    disable_hardening: DisabledHardening = ()
    """Hardening directives of systemd that are left out for it."""

    @property
    def slotted(self) -> bool:
        """Whether a server runs its new release beside the old one, each in a slot."""
        return self.listen == "socket" and self.strategy == "blue_green"

    @property
    def live_checked(self) -> bool:
        """Whether its liveness is checked all the time."""
        return self.health is not None and self.health.live is not None

    @model_validator(mode="before")
    @classmethod
    def _watchdog_implies_notify(cls, data: object) -> object:
        if isinstance(data, Mapping) and data.get("watchdog") is not None:
            return {"notify": True, **data}
        return data

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if found := list(self._disagreements()):
            raise refuse_all(found)
        return self

    def _disagreements(self) -> Iterator[Issue]:
        listens = "port" if isinstance(self.listen, int) else self.listen
        for name in sorted(placeholders(self.command) & LISTENING - {listens}):
            wanted = "listen: socket" if name == "socket" else "listen with a port"
            what, fix = f"{{{name}}} needs {wanted}", "set listen to match, or change the command"
            yield Issue(what, fix, (("command",), ("listen",)))
        if self.health is not None and self.listen is None:
            what, fix = "health is asked for where nothing listens", "set listen, or remove health"
            yield Issue(what, fix, (("health",), ("listen",)))
        if self.watchdog is not None and not self.notify:
            what, fix = "a watchdog needs notify: true", "remove notify: false, or the watchdog"
            yield Issue(what, fix, (("notify",), ("watchdog",)))


class Job(ConfigModel):
    """A job: it runs and ends."""

    command: Command
    """Command line, not read by a shell; {config} and {data} stand for places."""
    memory: Size | None = None
    """Memory that it may use at most, such as 128M."""
    timeout: Seconds = 3600
    """Seconds that a run may take before it is stopped."""
    disable_hardening: DisabledHardening = ()
    """Hardening directives of systemd that are left out for it."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for name in sorted(placeholders(self.command) & LISTENING):
            what = f"{{{name}}} means nothing here: only a process listens"
            raise refuse_all([Issue(what, "remove it from the command", (("command",),))])
        return self


class Schedule(Job):
    """A job that runs by the calendar."""

    at: Calendar
    """Times of its runs, as in OnCalendar=: daily, or Mon..Fri 04:30 (systemd.time(7))."""


class RunOnceJob(Job):
    """A job that runs once, on the first deploy: its mapping, or its command alone."""

    @model_validator(mode="before")
    @classmethod
    def _command_alone(cls, data: object) -> object:
        return {"command": data} if isinstance(data, str) else data


class OrCommand:
    """Says in the schema that a text does as well: the command alone."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(schema)]}


JobOrCommand = Annotated[RunOnceJob, OrCommand()]


def render_command(
    runnable: Process | Job,
    socket: Path | str | None = None,
    places: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return the words to run, with the port, the socket and the places filled in.

    ``places`` are the directories that ``{config}`` and ``{data}`` stand for. Raises ValueError
    when the command has a placeholder in it for which no value is given.
    """
    known = dict(places or {})
    if isinstance(runnable, Process) and isinstance(runnable.listen, int):
        known["port"] = str(runnable.listen)
    if socket is not None:
        known["socket"] = str(socket)
    if missing := sorted(placeholders(runnable.command) - known.keys()):
        raise ValueError(f"the command needs a value for {', '.join(missing)}")
    return fill(runnable.command, known)
