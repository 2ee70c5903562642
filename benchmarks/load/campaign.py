"""What is done under load, again and again: deploys, rollbacks, and releases that die."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any

from benchmarks import fleet
from benchmarks.disk_writes import added, file_states
from benchmarks.load.figures import Figures, figures, switches
from benchmarks.load.generator import generating
from benchmarks.load.latency import away
from benchmarks.load.load import Plan
from benchmarks.load.memory import Memory
from benchmarks.load.samples import Sample, read
from benchmarks.load.stage import Stage
from benchmarks.load.work import SAMPLE, TICKER, App, Work
from homeport.errors import UserError

BEFORE, AFTER = 3.0, 9.0
"""Seconds of load before the first switch and after the last: as long as what is left drains."""

CODE = "code"
CRASH = 1.0
"""Seconds after a switch at which a bad release dies."""

Say = Callable[[str], None]


@dataclass
class Measured:
    """What came of one situation.

    + times: how often it was done; rtt: seconds that are added to each round trip
    + walls: seconds of each run of pyinfra, or of each rollback on the host
    + answered: seconds from the command until another release answered, for rollbacks
    + stages: seconds of each stage as the host's history has them, medians
    + memory: most bytes of units, by what they are
    """

    situation: str
    architecture: str
    rate: float
    rtt: float
    times: int
    walls: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    figures: Figures | None = None


@dataclass
class Bytes:
    """What a deploy of another line of code leaves on the host's disk.

    + code: bytes of the release that are no compiled code: what is sent
    + left: all others, by what they are
    """

    app: str
    architecture: str
    code: int
    left: Mapping[str, int]


class Campaign:
    """One host, one application, one load after the other."""

    def __init__(self, stage: Stage, work: Work, rate: float, say: Say) -> None:
        self.stage, self.work, self.rate, self.say = stage, work, rate, say
        self._numbers = count(1)
        self._samples = work.folder.with_name("samples")

    def begin(self) -> None:
        """Have two releases there, one of which runs."""
        self.stage.certify()
        for wall in self.quiet(2):
            self.say(f"{self.stage.name}: {self.app.name} deployed in {wall:.1f} s")

    def quiet(self, times: int) -> list[float]:
        """Deploy another release again and again without load; return the seconds of each."""
        walls = []
        for _ in range(times):
            self._another()
            walls.append(self._deploy())
            self.stage.settle(self.app.name)
        return walls

    @property
    def app(self) -> App:
        """The application."""
        return self.work.app

    def deploys(self, rtt: float, times: int) -> Measured:
        """Deploy another release again and again."""
        with self._measured("deploys", rtt, times) as measured:
            for _ in range(times):
                self._another()
                measured.walls.append(self._deploy())
        return measured

    def rollbacks(self, rtt: float, times: int, *, running: bool) -> Measured:
        """Roll back to the release before, again and again: so two of them take turns.

        + running: at once, while its slot still runs, and not when it has been stopped
        """
        name = "rollbacks, old slot runs" if running else "rollbacks, old slot stopped"
        started = []
        with self._measured(name, rtt, times) as measured:
            if running:
                self._another()
                self._deploy()
            for _ in range(times):
                if not running:
                    self.stage.settle(self.app.name)
                before = self.stage.history(self.app.name)[-1]["from"]
                started.append(time.monotonic())
                self.stage.run("homeportctl", "rollback", self.app.name, before)
                measured.walls.append(time.monotonic() - started[-1])
        moments = [each.due + each.took for each in switches(self._sent())]
        for begun, ended in zip(started, [*started[1:], float("inf")], strict=True):
            measured.answered += [at - begun for at in moments if begun < at < ended][:1]
        return measured

    def crashes(self, rtt: float, times: int, situation: str = "crashes") -> Measured:
        """Deploy releases that die a second after they serve. Raises UserError if one stays."""
        with self._measured(situation, rtt, times) as measured:
            for _ in range(times):
                self._another(CRASH)
                done = self.work.deploy([self.stage.reach])
                measured.walls.append(done.wall)
                last = self.stage.history(self.app.name)[-1]
                if not done.code or last["outcome"] != "reverted":
                    raise UserError(
                        f"a release that dies has stayed:\n{done.output}", fix="see above"
                    )
        return measured

    @contextmanager
    def repeating(self) -> Iterator[None]:
        """Have the application say, for a while, that any request may come twice."""
        # nginx has to reload, without load: a reload loses requests.
        for may in (True, False):
            self.work.repeat(may=may)
            self.quiet(1)
            if may:
                yield

    def bytes(self) -> Bytes:
        """Return what a deploy leaves on the disk, without load."""
        self.stage.settle(self.app.name)
        before = self._file_states()
        self.quiet(1)
        left = by_place(self.app.name, added(before, self._file_states()))
        return Bytes(self.app.name, self.stage.reach.architecture, left.pop(CODE), left)

    def _file_states(self) -> Mapping[str, tuple[int, ...]]:
        return file_states(fleet.disk(self.stage.name))

    def _another(self, crash: float | None = None) -> None:
        # The time as well: a host may have had all of these numbers before.
        self.work.release(f"{time.time_ns() // 10**9}.{next(self._numbers)}", crash)

    def _deploy(self) -> float:
        return self.work.converge([self.stage.reach]).wall

    def _sent(self) -> list[Sample]:
        return sorted(read(self._samples), key=lambda sample: sample.due)

    @contextmanager
    def _measured(self, situation: str, rtt: float, times: int) -> Iterator[Measured]:
        stage, name = self.stage, self.app.name
        measured = Measured(situation, stage.reach.architecture, self.rate, rtt, times)
        known = len(stage.history(name))
        with (
            away(stage.target, rtt) as target,
            Memory(stage.name, name) as memory,
            generating(target, Plan(self.rate), self._samples),
        ):
            time.sleep(BEFORE)
            yield measured
            time.sleep(AFTER)
        measured.memory = memory.peak
        what = "rollback" if situation.startswith("rollback") else "deploy"
        done = [each for each in stage.history(name)[known:] if each["what"] == what]
        measured.stages = stages(done)
        measured.figures = figures(self._sent())
        self.say(line(measured))


def by_place(app: str, left: Mapping[str, int]) -> dict[str, int]:
    """Return bytes by what the files are; what applications have written is none of a deploy's."""
    data = tuple(f"/var/lib/{each.name}/" for each in (TICKER, SAMPLE))
    places = {
        f"/srv/{app}/slots/": "slot",
        "/etc/": "described",
        "/var/lib/homeport/": "kept",
    }
    found = dict.fromkeys([CODE, "compiled", *places.values(), "else"], 0)
    for path, size in left.items():
        if path.startswith(f"/srv/{app}/releases/"):
            found["compiled" if "/__pycache__/" in path else CODE] += size
        elif not path.startswith(data):
            found[next((it for top, it in places.items() if path.startswith(top)), "else")] += size
    return found


def stages(records: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median of each stage's seconds, in the order in which they were gone through."""
    durations: dict[str, list[float]] = {}
    for record in records:
        for name, seconds in record["stages"].items():
            durations.setdefault(name, []).append(seconds)
    return {name: round(median(seconds), 3) for name, seconds in durations.items()}


def line(measured: Measured) -> str:
    """Return the most important of it."""
    found = measured.figures
    if found is None:
        return f"{measured.situation}: nothing yet"
    where = f"{measured.architecture}, {measured.rtt * 1000:.0f} ms"
    times = f"{measured.times} {measured.situation}, {found.switches} switches"
    failed = f"{found.failures} of {sum(found.sent.values())} failed"
    near = f"p99 near a switch {found.near.p99 * 1000:.0f} ms, else {found.far.p99 * 1000:.0f} ms"
    walls = f"median of {median(measured.walls):.1f} s"
    return f"{where}: {times}: {failed}; {near}; {walls}; load late by {found.late.most:.3f} s"
