"""Measuring: every contender in turn, round after round, on the same hosts."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import fleet
from benchmarks.contenders import CONTENDERS, FLOORS, Contender, Reach
from benchmarks.contenders.contender import BENCHMARKS, PROJECT
from benchmarks.meter import Cost, measure
from benchmarks.plan import Cell
from benchmarks.scenarios import NO_OP, Situation, lay
from homeport.errors import UserError
from lab import paths

PATIENCE = 900.0
"""Seconds after which a run is given up."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One run of one contender, and what it took here."""

    situation: str
    hosts: int
    rtt: float
    architecture: str
    contender: str
    round: int
    wall: float
    cpu: float
    memory: int


class Campaign:
    """The copies of the job, one for each contender, and the edits made to them so far."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.folder, self.say, self._edits = folder, say, Counter[str]()
        self._edited, self._done = Counter[str](), dict[tuple[str, str], int]()
        for contender in (*CONTENDERS, *FLOORS):
            lay(self.work(contender))

    def work(self, contender: Contender) -> Path:
        """Return a contender's copy of the job."""
        return self.folder / contender.name

    def cell(self, cell: Cell) -> list[Run]:
        """Return all runs of one cell, each contender's once in every round."""
        taking_part = [one for one in CONTENDERS if one.name not in cell.without]
        if cell.situation is NO_OP:
            taking_part += FLOORS
        runs = []
        for number in range(cell.rounds):
            edition = self.edition(cell.situation)
            now = [one for one in taking_part if number == 0 or one.name not in cell.once]
            first = number % len(now)
            for contender in (*now[first:], *now[:first]):
                runs.append(self._timed(cell, contender, number, edition))
                # On a new host one contender's work is there at a time; else all of it is.
                if cell.situation.fresh and number == 0:
                    self.judge(contender, cell.hosts)
            self.say(_line(cell, number, runs[-len(now) :]))
        for contender in taking_part:
            if contender not in FLOORS and not cell.situation.fresh:
                self.judge(contender, cell.hosts)
        return runs

    def judge(self, contender: Contender, names: Sequence[str]) -> None:
        """Raise ``UserError`` unless hosts are as the job says; the specs are the same for all."""
        config = paths.place().ssh_config
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", str(BENCHMARKS / "specs")),
                *(f"--contender={contender.name}", f"--work={self.work(contender)}"),
                *(f"--hosts={','.join(f'ssh://{name}' for name in names)}",),
                f"--ssh-config={config}",
            ],
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            log = self.folder / f"{contender.name}.specs.log"
            log.write_text(done.stdout + done.stderr)
            what = f"{contender.name} did not do the whole job"
            raise UserError(what, fix=f"see the specs in {log}")

    def edition(self, situation: Situation) -> int:
        """Return the number of a situation's next edit: no contender has seen it before."""
        self._edits[situation.name] += 1
        return self._edits[situation.name]

    def stage(
        self, situation: Situation, contender: Contender, names: Sequence[str], edition: int
    ) -> None:
        """Have everything be as it is before a contender's run."""
        if situation.fresh:
            fleet.renew(names)
            contender.forget(self.work(contender))
        if situation is NO_OP:
            self._settle(contender, names)
            return
        situation.edit(self.work(contender), edition)
        self._edited[contender.name] += 1

    def _settle(self, contender: Contender, names: Sequence[str]) -> None:
        # The job may have been edited, and done on other hosts only: then there is something to do.
        now = self._edited[contender.name]
        if contender not in FLOORS and any(
            self._done.get((contender.name, name)) != now for name in names
        ):
            self.run(contender, fleet.direct(names, self.folder))

    def copied(self, source: str, names: Iterable[str]) -> None:
        """Take note that hosts are copies: what was done on the source is done there as well."""
        for contender in CONTENDERS:
            for name in names:
                self._done[contender.name, name] = self._done[contender.name, source]

    def _timed(self, cell: Cell, contender: Contender, number: int, edition: int) -> Run:
        self.stage(cell.situation, contender, cell.hosts, edition)
        if cell.rtt:
            with fleet.reached(cell.hosts, self.folder, cell.rtt) as (hosts, _):
                cost = self.run(contender, hosts)
        else:
            hosts = fleet.direct(cell.hosts, self.folder)
            cost = self.run(contender, hosts)
        return Run(
            cell.situation.name,
            len(hosts),
            cell.rtt,
            hosts[0].architecture,
            contender.name,
            number,
            round(cost.wall, 4),
            round(cost.cpu, 4),
            cost.memory,
        )

    def run(self, contender: Contender, hosts: Sequence[Reach]) -> Cost:
        """Return what one run took; raises ``UserError`` if the contender didn't finish the job."""
        work = self.work(contender)
        contender.prepare(work, hosts)
        command, environment = contender.command(work, hosts), contender.environment(work)
        try:
            cost = measure(command, contender.folder(work), environment, PATIENCE)
        finally:
            contender.finish(work)
        if cost.code:
            log = self.folder / f"{contender.name}.log"
            log.write_text(cost.output)
            raise UserError(
                f"{contender.name} ended with code {cost.code}", fix=f"see what it said in {log}"
            )
        for host in hosts:
            self._done[contender.name, host.name] = self._edited[contender.name]
        return cost

    def everywhere(
        self, names: Sequence[str], contenders: Iterable[Contender] = CONTENDERS
    ) -> None:
        """Have contenders do the whole job on these hosts, untimed."""
        for contender in contenders:
            self.run(contender, fleet.direct(names, self.folder))


def dumped(runs: Iterable[Run]) -> list[dict[str, object]]:
    """Return runs as they are written to a file."""
    return [asdict(run) for run in runs]


def _line(cell: Cell, number: int, runs: Sequence[Run]) -> str:
    times = "  ".join(f"{run.contender} {run.wall:.2f}" for run in runs)
    far = f" + {cell.rtt * 1000:.0f} ms" if cell.rtt else ""
    where = f"{runs[0].hosts} x {runs[0].architecture}{far}"
    return f"{cell.situation.name:<12} {where:<18} {number + 1}/{cell.rounds}  {times}"
