"""A host that is a folder: with clocks that are set, and a systemd that only notes."""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from homeport.hostctl import __main__
from homeport.hostctl.snapshots.entry import target
from homeport.hostctl.system.clock import Clock
from homeport.hostctl.system.exit_codes import REVERTED
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.system.subprocesses import Commands, CompletedCommand
from homeport.hostctl.transaction.journal import Journal
from homeport.hostctl.verbs import transitions
from homeport.hostctl.verbs.context import Context

APP = "shop"


class SetClock(Clock):
    """Clocks that stand still until somebody sleeps, or a test moves them."""

    def __init__(self) -> None:
        self.of_boot, self.passed, self.wall_time = "boot-1", 100.0, 1_700_000_000.0

    def boot(self) -> str:
        return self.of_boot

    def mono(self) -> float:
        return self.passed

    def wall(self) -> float:
        return self.wall_time

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    def reboot(self) -> None:
        """Start anew, with less uptime and another id."""
        self.of_boot, self.passed = f"{self.of_boot}+", 3.0


@dataclass
class Noted(Commands):
    """Programs that are noted and not run."""

    active: set[str] = field(default_factory=set)
    ran: list[list[str]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002 - as the program names it
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> CompletedCommand:
        self.ran.append(list(argv))
        if argv[0] in self.failing or " ".join(argv[:2]) in self.failing:
            return CompletedCommand(1, "", "it is broken")
        units = [word for word in argv[2:] if not word.startswith("-")]
        if argv[0] == "systemd-run":
            unit = next(word for word in argv if word.startswith("--unit="))
            self.active.add(unit.removeprefix("--unit="))
        elif argv[1] == "stop":
            self.active -= set(units)
        elif argv[1] == "is-active":
            states = ["active" if unit in self.active else "inactive" for unit in units]
            return CompletedCommand(0 if "active" in states else 3, "\n".join([*states, ""]), "")
        return CompletedCommand(0, "", "")


class Rehearsed:
    """One host below a folder, with one application."""

    def __init__(self, root: Path) -> None:
        self.root, self.clock, self.commands = root, SetClock(), Noted()
        self.place = AppPaths(APP, root)
        self.reverted: list[str] = []

    def run(self, *argv: str, says: str = "") -> int:
        """Run the command with that on standard input; return its exit code."""
        with mock.patch.object(transitions, "revert", Reverting.revert):
            return __main__.main(list(argv), self.host(says))

    def host(self, says: str = "") -> Context:
        """Return what a verb is given."""
        return Reverting(self.root, self.clock, self.commands, io.StringIO(says)).by(self.reverted)

    def begin(self, name: str = "d1", **facts: Any) -> int:
        """Begin a deploy."""
        line = json.dumps({"id": name, "who": "eve@desk", **facts})
        return self.run("begin", APP, says=f"{line}\n")

    def journal(self) -> Journal | None:
        """Return the open journal."""
        return Journal.load(self.place, self.clock)

    def write(self, path: str, content: str, mode: int = 0o644) -> None:
        """Write a file of the host."""
        place = self.place.at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(mode)

    def read(self, path: str) -> str:
        """Return what a file of the host has."""
        return self.place.at(path).read_text()


class Reverting(Context):
    """What a verb is given, where a revert is noted, and closes the journal."""

    noted: list[str]

    def by(self, noted: list[str]) -> Context:
        self.noted = noted
        return self

    def revert(self, place: AppPaths, reason: str) -> int:
        from homeport.hostctl.snapshots import snapshot
        from homeport.hostctl.transaction import deadman_unit, lease

        journal = self.journal(place)
        assert journal is not None
        self.noted.append(f"{journal.id}: {reason}")
        snapshot.restore(place.snapshot, self.commands, self.root)
        lease.free(place, journal.id)
        journal.close()
        deadman_unit.disarm(place, self.commands)
        return REVERTED


def picture(root: Path, paths: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Return all that there is to know of these paths, without a word of what is tested."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in paths:
        place = f"{root}{path}"
        if not os.path.lexists(place):
            found[path] = ("absent",)
            continue
        seen = os.lstat(place)
        mode = stat.S_IMODE(seen.st_mode)
        if stat.S_ISLNK(seen.st_mode):
            found[path] = ("link", target(Path(place)), seen.st_uid, seen.st_gid)
        elif stat.S_ISDIR(seen.st_mode):
            found[path] = ("directory", mode, seen.st_uid, seen.st_gid)
        else:
            content = Path(place).read_bytes()
            found[path] = ("file", mode, seen.st_uid, seen.st_gid, content)
    return found
