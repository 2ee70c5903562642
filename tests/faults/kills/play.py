"""A case is played on a host: killed, left alone until it is settled, judged, deployed to again."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.contenders.with_pyinfra import Homeport
from benchmarks.load.figures import figures
from benchmarks.load.generator import generating
from benchmarks.load.load import Plan
from benchmarks.load.samples import read
from benchmarks.load.stage import Stage
from benchmarks.load.work import Work
from tests.faults.kills.case import (
    CONNECTION,
    CONTROLLER,
    DEPLOY,
    FAILING,
    PROJECT,
    ROLLBACK,
    Case,
)
from tests.faults.kills.observer import kill_program, observing
from tests.faults.kills.run import Run

APP = "ticker"
STATE = f"/var/lib/homeport/{APP}"
DRAIN = 2
"""Seconds that a slot has for what it is still answering: longer than the slowest takes."""
LOAD = Plan(rate=50, slow=1.0)
PATIENCE = 240
"""Seconds that a run, or what a host does by itself, may take."""
BEAT = "\n  beat:\n    command: python -m ticker.beat\n"
BEATS = "import time\n\nwhile __name__ == '__main__':\n    time.sleep(1)\n"
DIES = "if __name__ == '__main__':\n    raise SystemExit(3)\n"
SERVED = f"""\
set -e
sed -n 's/^RELEASE = "\\(.*\\)"$/\\1/p' /srv/{APP}/current/{APP}/__init__.py
readlink -f /srv/{APP}/current
sed -n 's/^release //p' {STATE}/active
systemctl is-active {APP}-beat.service
"""


def described(folder: Path) -> Work:
    """Return an application with a web process behind a proxy, and a worker; not deployed yet."""
    work = Work(folder)
    file = folder / "app.yml"
    # What is watched a second is watched long enough.
    quicker = ("{soak: 2, drain_timeout: 7}", f"{{soak: 1, drain_timeout: {DRAIN}}}")
    text = file.read_text()
    for old, new in (quicker, ("\nproxy:", f"{BEAT}\nproxy:")):
        if old not in text:
            raise LookupError(old)
        text = text.replace(old, new, 1)
    file.write_text(text)
    (folder / work.app.source / APP / "beat.py").write_text(BEATS)
    return work


class Player:
    """Plays cases on one host, one after the other, with an application that it deploys there.

    + samples: the file for those of the load
    """

    def __init__(self, stage: Stage, work: Work, samples: Path) -> None:
        self._stage, self._work, self._samples = stage, work, samples
        self._way = Homeport("homeport", "homeport", APP, 0, "", "", "")
        self._releases: list[str] = []
        self._number = 0

    def play(self, case: Case) -> list[str]:
        """Play a case under load; return what is wrong during it, and after it."""
        before = self._served()[0]
        with generating(self._stage.target, LOAD, self._samples):
            run = self._kill(case)
            wrong = self._judge(case, before, run)
            self.deploy()
            known = len(self._stage.history(APP))
            self._work.converge([self._stage.reach])
            if len(self._stage.history(APP)) != known:
                wrong.append("a deploy without a change changes something")
            if self._served()[0] != self._releases[-1]:
                wrong.append("the next deploy leaves an old release")
        seen = figures(read(self._samples))
        if seen.failed or not seen.sent:
            wrong.append(f"of requests {dict(seen.sent)} failed {dict(seen.failed)}")
        return wrong

    def _kill(self, case: Case) -> Run:
        host, (folder, state) = self._stage.name, (STATE, case.state)
        if state is None:
            run = self._start(case.job)
            reached = run.wait_for(f"Starting operation: {case.phase}", PATIENCE)
            self._strike(case.victim, run)
        else:
            kills = case.victim not in (CONTROLLER, CONNECTION)
            with observing(host, folder, state, kills=kills) as observer:
                run = self._start(case.job)
                reached = observer.stdout is not None and "reached" in observer.stdout.readline()
                if not kills:
                    self._strike(case.victim, run)
        if not reached:
            raise RuntimeError(f"{case} never came to that:\n{''.join(run.lines)}")
        return run

    def _strike(self, victim: str, run: Run) -> None:
        if victim == CONTROLLER:
            run.kill()
        elif victim == CONNECTION:
            run.kill_connection()
        else:
            kill_program(self._stage.name)

    def _judge(self, case: Case, before: str, run: Run) -> list[str]:
        code = run.end(PATIENCE)
        self._settle()
        goal = self._releases[-2] if case.job == ROLLBACK else self._releases[-1]
        served, current, active, beat = self._served()
        wrong = []
        if served not in (before, goal):
            wrong.append(f"{served} runs, neither {before} nor {goal}")
        if case.job == FAILING and served != before:
            wrong.append(f"{served} runs, which should have failed")
        if code == 0 and served != goal:
            wrong.append(f"the run ends well, and {served} runs")
        if current != active:
            wrong.append(f"current leads to {current}, and {active} serves")
        if beat != "active":
            wrong.append(f"its worker is {beat}")
        if case.job != ROLLBACK and served == before:
            del self._releases[-1]
        elif case.job == ROLLBACK and served == goal:
            self._releases.append(goal)
        return wrong

    def _start(self, job: str) -> Run:
        hosts, folder = [self._stage.reach], self._work.folder
        if job != ROLLBACK:
            self._edit(BEATS if job == DEPLOY else DIES)
        self._way.prepare(folder, hosts)
        *command, script = self._way.command(folder, hosts)
        script = "deploys/rollback.py" if job == ROLLBACK else script
        return Run([*command, script], PROJECT, self._way.environment(folder))

    def deploy(self) -> None:
        """Deploy another release."""
        self._edit(BEATS)
        self._work.converge([self._stage.reach])
        self._settle()

    def _edit(self, beat: str) -> None:
        self._number += 1
        self._releases.append(str(self._number))
        self._work.release(self._releases[-1])
        (self._work.folder / self._work.app.source / APP / "beat.py").write_text(beat)

    def _settle(self) -> None:
        end = time.monotonic() + PATIENCE
        self._stage.settle(APP)
        while self._stage.run("sh", "-c", f"[ ! -e {STATE}/journal ] || echo open"):
            if time.monotonic() > end:
                raise RuntimeError("a deploy stays open")
            time.sleep(0.5)
        self._stage.settle(APP)

    def _served(self) -> list[str]:
        return self._stage.run("sh", "-c", SERVED).splitlines()
