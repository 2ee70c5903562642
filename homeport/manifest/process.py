"""What runs all the time, and what runs by the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from homeport.manifest.calendar import Calendar
from homeport.manifest.command import Command, fill, placeholders
from homeport.manifest.complaints import Complaint, refuse_all
from homeport.manifest.health import Health
from homeport.manifest.listen import Listen
from homeport.manifest.part import Part
from homeport.manifest.text import Directive, Flag, Seconds, Size, Whole, distinct

Relax = Annotated[
    tuple[Directive, ...],
    Field(json_schema_extra={"uniqueItems": True}),
    AfterValidator(distinct),
]


class Process(Part):
    """Something that runs all the time."""

    command: Command
    """Command line, not read by a shell; {port} or {socket} stands for where to listen."""
    listen: Listen | None = None
    """The word socket, or a port; without it the process listens to nothing."""
    notify: Flag = False
    """Whether the process tells systemd when it is ready (Type=notify)."""
    watchdog: Seconds | None = None
    """Seconds without a sign of life after which systemd restarts it; implies notify."""
    health: Health | None = None
    """What to ask the process to know that it is well; needs listen."""
    memory: Size | None = None
    """Memory it may use at most, such as 256M."""
    tasks: Annotated[Whole, Field(ge=1, le=4194304)] | None = None
    """Processes and threads it may have at most."""
    stop_timeout: Seconds = 30
    """Seconds it gets to stop before it is killed."""
    relax: Relax = ()
    """Hardening directives of systemd that are left out for it."""

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

    def _disagreements(self) -> Iterator[Complaint]:
        listens = "port" if isinstance(self.listen, int) else self.listen
        for name in sorted(placeholders(self.command) - {listens}):
            wanted = "listen: socket" if name == "socket" else "listen with a port"
            what, mend = f"{{{name}}} needs {wanted}", "set listen to match, or change the command"
            yield Complaint(what, mend, (("command",), ("listen",)))
        if self.health is not None and self.listen is None:
            what, mend = "health is asked for where nothing listens", "set listen, or remove health"
            yield Complaint(what, mend, (("health",), ("listen",)))
        if self.watchdog is not None and not self.notify:
            what, mend = "a watchdog needs notify: true", "remove notify: false, or the watchdog"
            yield Complaint(what, mend, (("notify",), ("watchdog",)))


class Schedule(Part):
    """Something that runs by the calendar."""

    command: Command
    """Command line, not read by a shell."""
    at: Calendar
    """When it runs, as systemd writes it: daily, or Mon..Fri 04:30 (systemd.time, OnCalendar)."""
    memory: Size | None = None
    """Memory it may use at most, such as 128M."""
    timeout: Seconds = 3600
    """Seconds that a run may take before it is stopped."""
    relax: Relax = ()
    """Hardening directives of systemd that are left out for it."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for name in sorted(placeholders(self.command)):
            what = f"{{{name}}} means nothing here: a schedule doesn't listen"
            raise refuse_all([Complaint(what, "remove it from the command", (("command",),))])
        return self


def render_command(
    runnable: Process | Schedule, socket: Path | str | None = None
) -> tuple[str, ...]:
    """Return the words to run, with the port or the socket filled in.

    Raises ValueError when the command has ``{socket}`` in it and no socket is given.
    """
    port = runnable.listen if isinstance(runnable, Process) else None
    if socket is None and "socket" in placeholders(runnable.command):
        raise ValueError("the command needs the path of its socket")
    return fill(runnable.command, {"port": str(port), "socket": str(socket)})
