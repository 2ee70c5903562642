"""The calls of systemctl, and their answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import atomic_files, exit_codes
from .app_secrets import log_lines
from .paths import AppPaths
from .subprocesses import Commands, CompletedCommand

PROPERTIES = "ActiveState,InvocationID,ActiveEnterTimestampMonotonic,UnitFileState"
LAST = 20
"""Lines of its log that are shown of a unit that failed."""


class UnitFailed(exit_codes.CommandFailed):
    """Something that was to run doesn't; ``said`` are the last lines of it."""

    def __init__(self, reason: str, log: Iterable[str] = ()) -> None:
        super().__init__(reason)
        self.reason, self.log = reason, tuple(log)


@dataclass(frozen=True)
class UnitState:
    """The state of a unit; ``since`` is when it got active, by ``Clock.mono``."""

    state: str = "inactive"
    invocation: str = ""
    since: float = 0.0
    enabled: bool = False

    @property
    def active(self) -> bool:
        """Whether it runs."""
        return self.state == "active"


class Systemd:
    """The system's own manager of units.

    + place: the application whose units they are
    """

    def __init__(self, commands: Commands, place: AppPaths | None = None) -> None:
        self._commands, self._place = commands, place
        # The clock of the journal's own timestamps.
        self._begun = time.clock_gettime(time.CLOCK_MONOTONIC)

    def show(self, units: Iterable[str]) -> Mapping[str, UnitState]:
        """Return the state of each unit by its name; one that isn't there is inactive.

        Raises ``UnitFailed`` if systemd's answer isn't whole.
        """
        names = list(units)
        if not names:
            return {}
        output = self._run("show", "-p", PROPERTIES, "--", *names).out
        blocks = [_shown(block) for block in output.strip("\n").split("\n\n")]
        if len(blocks) != len(names):
            raise UnitFailed(
                f"systemd told of {len(blocks)} units, and was asked about {len(names)}"
            )
        return dict(zip(names, blocks, strict=True))

    def active(self, units: Iterable[str]) -> bool:
        """Return whether all of these units run."""
        return all(shown.active for shown in self.show(units).values())

    def start(self, units: Iterable[str]) -> None:
        """Start units and wait for it; raises ``Failed`` with what the first that didn't said."""
        named = list(units)
        if not named:
            return
        self.forget(named)
        done = self._run("start", "--", *named)
        if done.code:
            stuck = [unit for unit, shown in self.show(named).items() if not shown.active]
            unit = (stuck or named)[0]
            raise UnitFailed(f"{unit} did not start", self.log_of(unit) or done.err.splitlines())

    def start_no_block(self, verb: str, units: Iterable[str]) -> None:
        """Start or stop units without waiting: while the host boots, they may wait for us."""
        if named := list(units):
            self._run(verb, "--no-block", "--", *named)

    def stop(self, units: Iterable[str]) -> None:
        """Stop units, and wait until they have; also for those that are stopping already."""
        if named := list(units):
            self._run("stop", "--", *named)

    def forget(self, units: Iterable[str]) -> None:
        """Forget that units failed, so that they may start again."""
        # A unit that never ran has no failures to forget, and systemctl calls that an error.
        if named := list(units):
            self._run("reset-failed", "--", *named)

    def enable(self, units: Iterable[str]) -> None:
        """Enable units: they start at boot. Raises ``UnitFailed``."""
        named = list(units)
        if named and (done := self._run("enable", "--quiet", "--", *named)).code:
            raise UnitFailed(f"{' '.join(named)} can't be enabled", done.err.splitlines())

    def disable(self, units: Iterable[str]) -> None:
        """Disable units: they start at boot no more."""
        if named := list(units):
            self._run("disable", "--quiet", "--", *named)

    def reload(self) -> None:
        """Reload all unit files. Raises ``UnitFailed``."""
        if (done := self._run("daemon-reload")).code:
            raise UnitFailed("systemd can't read the unit files again", done.err.splitlines())

    def detach(self, unit: str, *argv: str) -> None:
        """Run a program as a unit of its own, which outlives us; one of that name is replaced."""
        self._run("stop", "--", f"{unit}.service")
        options = ("--quiet", "--collect", "--no-block", f"--unit={unit}")
        self._commands.run(["systemd-run", *options, "--", *argv])

    def log_of(self, unit: str) -> tuple[str, ...]:
        """Return the last lines of a unit's log, of those that came since we are at work.

        See journalctl(1) and systemd.journal-fields(7): a slot was used before, by another release.
        """
        argv = ["journalctl", "--no-pager", "--quiet", "-b", "-o", "json", "-n", str(LAST)]
        # A newline alone ends an entry: a message may hold what else ends a line for Python.
        entries = self._commands.run([*argv, "-u", unit]).out.split("\n")
        log = (line for each in entries for line in _lines(each, self._begun))
        return tuple(log) if self._place is None else log_lines(self._place, unit, log)

    def _run(self, *arguments: str) -> CompletedCommand:
        return self._commands.run(["systemctl", *arguments])


def sync_enabled(units: Path) -> None:
    """Write to the disk which units are enabled: systemctl(1) makes links, and syncs none of them.

    + units: the folder of the unit files
    """
    for folder in (units, *units.glob("*.wants"), *units.glob("*.requires")):
        atomic_files.sync_folder(folder)


def asleep() -> float:
    """Return the seconds that this host was suspended: systemd doesn't count them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def _shown(block: str) -> UnitState:
    properties = dict(line.partition("=")[::2] for line in block.splitlines())
    try:
        since = int(properties["ActiveEnterTimestampMonotonic"]) / 1e6 + asleep()
        enabled = properties["UnitFileState"] == "enabled"
        return UnitState(properties["ActiveState"], properties["InvocationID"], since, enabled)
    except (KeyError, ValueError):
        raise UnitFailed("systemd's answer is incomplete") from None


def _lines(entry: str, begun: float) -> list[str]:
    try:
        record: dict[str, Any] = json.loads(entry)
        is_old = int(record["__MONOTONIC_TIMESTAMP"]) < begun * 1e6
    except (ValueError, KeyError, TypeError, RecursionError):
        # A log that can't be read keeps no host from going back.
        return []
    if is_old:
        return []
    message = record.get("MESSAGE") or ""
    if not isinstance(message, str):
        # What isn't text comes as numbers, and of several messages in one entry each.
        is_bytes = all(isinstance(each, int) for each in message)
        message = (
            bytes(message).decode(errors="replace") if is_bytes else "\n".join(map(str, message))
        )
    return message.splitlines()
