"""A systemd that is no more than a table: units that start, stop, fail, and read what they run."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from homeport.hostctl.system.clock import Clock
from homeport.hostctl.system.subprocesses import Commands, CompletedCommand
from homeport.hostctl.system.systemd import asleep

UNITS = "etc/systemd/system"


class Became(Exception):  # noqa: N818 - no error
    """A program went on as our own in a unit, with these words."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)
        self.words = words


@dataclass
class Run:
    """What a unit that runs has read when it started."""

    invocation: str
    since: float
    read: Mapping[str, str]
    checks: int = 0


@dataclass
class Units(Commands):
    """Runs programs that ask or tell systemd, and the one that asks a process how it is.

    + manners: how a release behaves, or one with a setting: crashes, deaf, late, falls, hurts
    + proxy: how nginx is: it runs, is dead, runs another site, or finds no access
    + step: called before anything is done; it may raise
    """

    root: Path
    clock: Clock
    manners: dict[str, str] = field(default_factory=dict)
    step: Callable[[str], None] = lambda line: None
    runs: dict[str, Run] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    loaded: dict[str, str] = field(default_factory=dict)
    detached: dict[str, list[str]] = field(default_factory=dict)
    queued: list[tuple[str, str]] = field(default_factory=list)
    ran: list[list[str]] = field(default_factory=list)
    invocations: int = 0
    nginx_is_wrong: bool = False
    proxy: str = "runs"

    def become(self, argv: Sequence[str]) -> NoReturn:
        self.step(" ".join(argv))
        raise Became(argv[argv.index("--") + 2 :])

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002 - as the program names it
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> CompletedCommand:
        self.step(" ".join(argv))
        self.ran.append(list(argv))
        program, *words = argv
        arguments = [word for word in words if not word.startswith("-")]
        if program == "systemctl":
            verb, *units = arguments
            if "--no-block" in words:
                self.queued += [(verb, unit) for unit in units]
                return CompletedCommand(0, "", "")
            return getattr(self, f"_{verb.replace('-', '_')}")(units)
        if program == "systemd-run":
            unit = next(w.removeprefix("--unit=") for w in words if w.startswith("--unit="))
            self._start_transient(
                unit, words[words.index("--") + 1 :] if "--" in words else arguments
            )
            return CompletedCommand(0, "", "")
        if program == "journalctl":
            return CompletedCommand(0, self._journal(words[-1]), "")
        if program == "nginx":
            return CompletedCommand(1 if self.nginx_is_wrong else 0, "", "nginx: wrong")
        if program == "curl":
            return self._people(argv)
        if program.endswith("/check-health"):
            if timeout is not None and timeout < 1:
                return CompletedCommand(124, "", "no end")
            return self._check_health(arguments[1], (env or {}).get("HOMEPORT_SLOT"))
        raise AssertionError(f"nobody knows {argv}")

    def reboot(self) -> None:
        """Lose all that doesn't lie on the disk."""
        self.runs.clear()
        self.failed.clear()
        self.loaded.clear()
        self.detached.clear()
        shutil.rmtree(self.root / "run", ignore_errors=True)

    def booted(self) -> None:
        """Start what starts at boot, unless what is queued says otherwise."""
        wanted = {path.name for path in self.root.glob(f"{UNITS}/*.wants/*")}
        queued, self.queued = self.queued, []
        for verb, unit in queued:
            wanted = wanted | {unit} if verb == "start" else wanted - {unit}
        for unit in sorted(wanted):
            self._start([unit])

    def _journal(self, unit: str) -> str:
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        # One line of a release that ran in that slot before, and one of this one.
        messages = {0: "another has said this", now: f"{unit} has said this"}
        lines = [
            {"__MONOTONIC_TIMESTAMP": str(at), "MESSAGE": text} for at, text in messages.items()
        ]
        return "".join(json.dumps(line) + "\n" for line in lines)

    def _start_transient(self, unit: str, words: list[str]) -> None:
        self.detached[unit.removesuffix(".service")] = words

    def _is_active(self, units: list[str]) -> CompletedCommand:
        states = [self._state(unit) for unit in units]
        return CompletedCommand(
            0 if "active" in states else 3, "".join(f"{state}\n" for state in states), ""
        )

    def _state(self, unit: str) -> str:
        if unit in self.runs or unit.removesuffix(".service") in self.detached:
            return "active"
        return "failed" if unit in self.failed else "inactive"

    def _show(self, units: list[str]) -> CompletedCommand:
        blocks = []
        for unit in units[1:]:  # the first is what is asked for
            run = self.runs.get(unit)
            since = int((run.since - asleep()) * 1e6) if run else 0
            blocks.append(
                f"ActiveState={self._state(unit)}\nInvocationID={run.invocation if run else ''}\n"
                f"ActiveEnterTimestampMonotonic={since}\nUnitFileState=\n"
            )
        return CompletedCommand(0, "\n".join(blocks), "")

    def _start(self, units: list[str]) -> CompletedCommand:
        code = 0
        for unit in units:
            if unit in self.runs:
                continue
            read = self._reads(unit)
            if read is None:
                code = 5
                continue
            self.invocations += 1
            manner = self._manner(read)
            if manner == "crashes" or (manner == "hurts" and "worker" in unit):
                self.failed.add(unit)
                continue
            if "once" in unit:
                code = code or self._ran_once(unit, manner)
                continue
            self.runs[unit] = Run(str(self.invocations), self.clock.mono(), read)
        return CompletedCommand(code, "", "")

    def _ran_once(self, unit: str, manner: str | None) -> int:
        if manner == "fails once":
            return 1
        record = self.root / "var/lib/homeport/shop/init" / unit.removesuffix(".service")
        record.parent.mkdir(exist_ok=True)
        record.touch()
        return 0

    def _manner(self, read: Mapping[str, str]) -> str | None:
        exact = f"{read['release']} {read['environment']}"
        return self.manners.get(exact) or self.manners.get(read["release"])

    def _reads(self, unit: str) -> dict[str, str] | None:
        path = self.root / UNITS / unit
        text = self.loaded.get(unit) or (path.read_text() if path.exists() else None)
        if text is None:
            return None
        self.loaded[unit] = text
        if "@" in unit:
            slot = self.root / "srv/shop/slots" / unit.partition("@")[2].removesuffix(".service")
            release, etc = slot / "release", slot / "etc"
        else:
            release, etc = self.root / "srv/shop/current", self.root / "etc/homeport/shop"
        link = release.readlink().name if release.is_symlink() else ""
        setting = etc / "environment"
        return {
            "release": link,
            "environment": setting.read_text() if setting.exists() else "",
            "text": text,
        }

    def _stop(self, units: list[str]) -> CompletedCommand:
        for unit in units:
            self.runs.pop(unit, None)
            self.detached.pop(unit.removesuffix(".service"), None)
        return CompletedCommand(0, "", "")

    def _reset_failed(self, units: list[str]) -> CompletedCommand:
        self.failed -= set(units)
        return CompletedCommand(0, "", "")

    def _daemon_reload(self, units: list[str]) -> CompletedCommand:
        self.loaded = {
            unit: (self.root / UNITS / unit).read_text()
            for unit in self.loaded
            if (self.root / UNITS / unit).exists()
        }
        return CompletedCommand(0, "", "")

    def _enable(self, units: list[str]) -> CompletedCommand:
        for unit in units:
            link = self.root / UNITS / "multi-user.target.wants" / unit
            link.parent.mkdir(exist_ok=True)
            if not link.is_symlink():
                link.symlink_to(f"../{unit}")
        return CompletedCommand(0, "", "")

    def _disable(self, units: list[str]) -> CompletedCommand:
        for unit in units:
            (self.root / UNITS / "multi-user.target.wants" / unit).unlink(missing_ok=True)
        return CompletedCommand(0, "", "")

    def _reload(self, units: list[str]) -> CompletedCommand:
        return CompletedCommand(0, "", "")

    def _people(self, argv: Sequence[str]) -> CompletedCommand:
        """Answer as nginx does, which asks the start that a token names in a slot."""
        if self.proxy == "dead":
            return CompletedCommand(7, "", "curl: (7) Failed to connect")
        sent = dict(word.split(": ") for word in argv if word.startswith("X-Homeport-"))
        folder = self.root / "run/homeport-proxy/shop/web"
        place = sent["X-Homeport-Place"]
        slot = (folder / place).readlink().name if (folder / place).is_symlink() else place
        run = self.runs.get(f"shop-web@{slot}.service")
        says = "feed" if self.proxy == "another" else "f00d"
        head = f"X-Homeport-Proxy: {says}\r\nX-Homeport-Answered: "
        if run is None or run.invocation != sent["X-Homeport-Token"] or self.proxy == "no access":
            return CompletedCommand(0, f"HTTP/1.1 502 Bad Gateway\r\n{head}-\r\n\r\n", "")
        status = self._manner(run.read) or "200"
        code = status if status.isdigit() else "200"
        return CompletedCommand(0, f"HTTP/1.1 {code} X\r\n{head}0.003\r\n\r\n", "")

    def _check_health(self, name: str, slot: str | None) -> CompletedCommand:
        unit = f"shop-{name}@{slot}.service" if slot else f"shop-{name}.service"
        run = self.runs.get(unit)
        if run is None:
            return CompletedCommand(1, f"{unit}: refused", "")
        run.checks += 1
        manner = self._manner(run.read)
        if manner == "deaf" or (manner == "late" and run.checks < 4):
            return CompletedCommand(1, f"{unit}: /ready answers 503, not 200", "")
        if manner == "redirects":
            return CompletedCommand(3, f"{unit}: /ready answers 301, not 200. Fix: x", "")
        if manner == "falls" and run.checks > 2:
            del self.runs[unit]
            self.failed.add(unit)
            return CompletedCommand(1, f"{unit}: refused", "")
        return CompletedCommand(0, f"{unit}: well", "")
