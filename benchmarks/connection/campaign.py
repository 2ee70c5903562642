"""Measuring: pyinfra over each way in turn, round after round, on the same hosts."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.connection.job import JOBS, Job
from benchmarks.connection.servers import LOOPBACK, Servers
from benchmarks.connection.way import TURNS, Way
from benchmarks.contenders import Reach, inventory
from benchmarks.contenders.contender import PROJECT
from benchmarks.latency_proxy import Relay
from benchmarks.meter import measuring
from homeport.errors import UserError

PATIENCE = 300.0
"""Seconds after which a run is given up."""
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
"""Files that a process of the user may open; ours may open more, for the servers and the relay."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One run of pyinfra, and what it took here.

    + rtt: seconds that the way adds to each round trip
    + wall, cpu, memory: seconds, seconds, and bytes of all of its processes
    + turns, sent, received: round trips and bytes of all hosts together; 0 if they aren't counted
    """

    job: str
    hosts: int
    rtt: float
    way: str
    round: int
    wall: float
    cpu: float
    memory: int
    turns: int
    sent: int
    received: int


class Campaign:
    """A project of pyinfra's that knows both connectors, and servers to run it on.

    + folder: has the project; its path is short, for sockets are in it
    """

    def __init__(self, folder: Path, servers: Servers, say: Say) -> None:
        self._servers, self._say = servers, say
        self._work, self._runtime = folder / "work", folder / "run"
        self._work.mkdir()
        (self._work / "config.py").write_text(inventory.CONFIG)
        for job in JOBS:
            job.lay(self._work)
        self._environment = {"PYTHONPATH": str(PROJECT), "XDG_RUNTIME_DIR": str(self._runtime)}

    def cell(self, job: Job, hosts: int, rtt: float, rounds: int) -> Iterator[Run]:
        """Yield all runs of a job on so many hosts that are so far away; raises ``UserError``."""
        with self._reached(hosts, rtt) as (reaches, relay):
            for number in range(rounds):
                first = number % len(TURNS)
                runs = [
                    run
                    for ways in (*TURNS[first:], *TURNS[:first])
                    for run in self._together(ways, job, reaches, relay, rtt, number)
                ]
                times = "  ".join(f"{run.way} {run.wall:.2f} ({run.cpu:.2f})" for run in runs)
                far = f" + {rtt * 1000:.0f} ms" if rtt else ""
                self._say(f"{job.name} x {hosts}{far}, {number + 1}/{rounds}  {times}")
                yield from runs

    def _data(self, way: Way) -> inventory.Data:
        settings = self._work / "ssh_config"
        settings.write_text(f"KexAlgorithms {way.kex}\n")
        found = {"ssh_config_file": str(settings)} if way.kex else {}
        return lambda host: found

    @contextmanager
    def _reached(self, hosts: int, rtt: float) -> Iterator[tuple[list[Reach], Relay | None]]:
        ports = self._servers.ports[:hosts]
        if not rtt:
            yield self._servers.reaches(ports, "known_hosts"), None
            return
        with Relay([(LOOPBACK, port) for port in ports], rtt) as relay:
            yield self._servers.reaches(relay.ports, "known_hosts.relay"), relay

    def _together(
        self,
        ways: Iterable[Way],
        job: Job,
        hosts: Sequence[Reach],
        relay: Relay | None,
        rtt: float,
        number: int,
    ) -> Iterator[Run]:
        # What keeps a login ends with the last of these runs.
        shutil.rmtree(self._runtime, ignore_errors=True)
        self._runtime.mkdir(mode=0o700)
        with measuring(self._work, self._environment, PATIENCE) as run:
            for way in ways:
                inventory.write(self._work, way.connector, hosts, self._data(way))
                job.clear(self._work)
                _counted(relay)
                try:
                    cost = run(command(job))
                except subprocess.TimeoutExpired:
                    what = f"pyinfra over {way.title} took longer than {PATIENCE:g} s"
                    raise UserError(what, fix="try fewer hosts, or an idle machine") from None
                if cost.code:
                    lines = cost.output.strip().splitlines() or ["it gives no reason"]
                    what = f"pyinfra over {way.title} ended with code {cost.code}: {lines[-1]}"
                    raise UserError(what, fix=f"see what it says: {cost.output[-2000:]}")
                job.judge(self._work, hosts)
                yield Run(
                    *(job.name, len(hosts), rtt, way.name, number),
                    *(round(cost.wall, 4), round(cost.cpu, 4), cost.memory),
                    *_counted(relay),
                )


def command(job: Job) -> list[str]:
    """Return the command line of pyinfra, as a user would type it, with the user's limits."""
    program = Path(sys.executable).with_name("pyinfra")
    return [
        *("sh", "-c", 'ulimit -S -n "$0" && exec "$@"', str(FILES)),
        *(str(program), "-y", inventory.FILE, *job.words),
    ]


def may_open_many_files() -> None:
    """Let this process open as many files as it may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _counted(relay: Relay | None) -> tuple[int, int, int]:
    if relay is None:
        return 0, 0, 0
    # What is still under way belongs to what was done before.
    time.sleep(0.2)
    traffic = relay.counted()
    return (
        sum(each.turns for each in traffic),
        sum(each.sent for each in traffic),
        sum(each.received for each in traffic),
    )
