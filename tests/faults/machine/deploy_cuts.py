"""Power cuts of a machine at any moment of a deploy by pyinfra, while pages are asked for."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from lab.console import say
from lab.disk_image import ARCHITECTURE, DEBIAN, HOSTNAME
from lab.full_machine import FullMachine
from tests.e2e.lab.project import Project
from tests.faults.machine.results import Result
from tests.faults.machine.visitors import Page, Visitors

PORT = 8000
PATIENCE = 240.0
FIRST_SECONDS = 1800.0
"""A first deploy installs packages, by an emulated processor."""
LATER_THAN_DONE = 1.15
"""So many times a deploy takes, the last moment of a cut comes after it began."""
BEGIN = "Begin"
NOTES = """\
import json, sqlite3
found = sqlite3.connect("/var/lib/pinboard/pinboard.sqlite3").execute("SELECT body FROM notes")
print(json.dumps([body for body, in found]))
"""
WORKER = """\
for second in $(seq 60); do systemctl -q is-active pinboard-worker && break; sleep 1; done
pid=$(systemctl show -p MainPID --value pinboard-worker)
basename "$(readlink "/proc/$pid/cwd")"
basename "$(readlink /srv/pinboard/current)"
systemctl is-active homeportctl-boot
"""
APP = {
    # An emulated processor is slow, and says so of nothing that is wrong with a release.
    "processes": {
        "web": {"health": {"start_period": 240}},
        "worker": {"watchdog": 120},
    },
    "release": {"soak": 1, "drain_timeout": 2},
}


class Run:
    """A run of pyinfra, and the operation that it has come to."""

    def __init__(self, project: Project) -> None:
        self.operation, self.output = "", ""
        self.began: float | None = None
        self._process = subprocess.Popen(
            project.command("-y", "inventories/lab.py", "deploy.py"),
            cwd=project.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    def end(self, seconds: float) -> int:
        """Return its exit code; one that takes longer is killed."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(5)
        return int(self._process.returncode)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output += line
            if found := re.search(r"Starting operation: (.+?)\s*$", line):
                self.operation = found[1]
                if self.operation == BEGIN:
                    self.began = time.monotonic()


class DeployCuts:
    """A machine that is deployed to and cut off again and again: one disk lives through it all."""

    def __init__(self, machine: FullMachine, folder: Path, seed: int) -> None:
        self.machine, self.folder, self.seed = machine, folder, seed
        (folder / "project").mkdir(parents=True)
        self.project = Project(folder / "project")
        self.project.patience = FIRST_SECONDS
        self.good = folder / "good.disk"
        self.port = machine.ports[PORT]
        self.pinned: set[str] = set()
        self.served = Page("", "")
        self.seconds = 0.0
        self._describe()

    def prepare(self) -> None:
        """Deploy for the first time, and once more to learn how long that takes."""
        self.machine.new()
        self.machine.start()
        for name in ("0.1", "0.2"):
            self._ship(name)
            begun = time.monotonic()
            self._converge(name)
            say("machine", f"version {name} took {time.monotonic() - begun:.0f} s")
        self.machine.keep(self.good)
        self.machine.start()

    def play(self, number: int) -> Result:
        """Deploy another version, cut the power meanwhile, boot, and insist on what is promised."""
        random = Random(f"{self.seed} deploy {number}")
        before, name = self.served, f"1.{number}"
        after = self._ship(name)
        visitors = Visitors(self.port, f"cut {number}")
        at, ended, seconds = "", "", random.uniform(0, LATER_THAN_DONE) * self.seconds
        manner = f"{seconds:.1f} s of {self.seconds:.1f} s"
        try:
            past = self._history()
            with visitors.at_work():
                run = Run(self.project)
                at = self._wait(run, seconds)
                moment = time.monotonic()
                self.machine.cut()
            is_done = at == "after its end"
            run.end(60)
            self.pinned |= set(visitors.pinned)
            require(not visitors.failures(moment), f"failed: {visitors.failures(moment)[:3]}")
            self.machine.start()
            page = self._page(visitors)
            require(page in (before, after), f"{page} is neither {before} nor {after}")
            ended = "the new release" if page == after else "the old release"
            self._judge(past, page == after, is_done)
            self.served = page
            self._converge(name)
            done = self.project.deploy()
            require(done.code == 0 and not done.changed, f"not converged: {done.output[-500:]}")
            self._notes()
        except Exception as error:
            self._anew(number)
            return Result(number, WORK, at, manner, ended, f"{type(error).__name__} {error}")
        return Result(number, WORK, at, manner, ended)

    def _wait(self, run: Run, seconds: float) -> str:
        """Return the operation that a run is in so long after it began."""
        until(lambda: run.began is not None or run.code is not None, "the deploy never begins")
        end = (run.began or time.monotonic()) + seconds
        time.sleep(max(0.0, end - time.monotonic()))
        if run.code is not None:
            require(run.code == 0, f"the deploy failed: {run.output[-500:]}")
            return "after its end"
        return run.operation

    def _judge(self, past: list[Any], is_new: bool, is_done: bool) -> None:
        now = self._history()
        require(now[: len(past)] == past, "the history has lost a line")
        outcomes = [str(line["outcome"]) for line in now[len(past) :]]
        require(len(outcomes) <= 1, f"one deploy has ended as {outcomes}")
        require(is_new == (outcomes == ["confirmed"]), f"it serves otherwise than {outcomes} says")
        require(is_new or not is_done, "a deploy that was confirmed is gone")
        works, current, boot = self._insist(WORKER).split()
        require(works == current, f"the worker is of {works}, and {current} is current")
        require(boot == "active", f"homeportctl-boot is {boot}")
        self._notes()

    def _notes(self) -> None:
        there = set(json.loads(self._insist("python3 -", NOTES)))
        gone = sorted(self.pinned - there)
        require(not gone, f"{len(gone)} notes are gone, {gone[:3]} among them")

    def _converge(self, name: str) -> None:
        run = Run(self.project)
        code = run.end(FIRST_SECONDS)
        require(code == 0, f"the deploy fails: {run.output[-800:]}")
        if run.began is not None and self.served.version != name:
            self.seconds = time.monotonic() - run.began
        self.served = self._page(Visitors(self.port, name))
        require(self.served.version == name, f"{self.served} is served, not {name}")

    def _page(self, visitors: Visitors) -> Page:
        found: list[Page] = []

        def answers() -> bool:
            try:
                found.append(visitors.page())
            except Exception:
                return False
            return True

        until(answers, "no page is served")
        return found[-1]

    def _history(self) -> list[Any]:
        return [
            json.loads(line)
            for line in self._insist("homeportctl history pinboard --json").splitlines()
        ]

    def _insist(self, script: str, stdin: str = "") -> str:
        done = self.machine.run(script, stdin)
        require(done.returncode == 0, f"{script[:60]!r}: {done.stdout}{done.stderr}")
        return done.stdout

    def _anew(self, number: int) -> None:
        """Keep the disk of a cut that wasn't survived, and go on with a good one."""
        self.machine.cut()
        self.machine.disk.rename(self.folder / f"cut-{number}.disk")
        self.machine.new(self.good)
        self.pinned.clear()
        self.machine.start()
        self.served = self._page(Visitors(self.port, ""))

    def _ship(self, name: str) -> Page:
        """Have another version lie there to be deployed: other code, and another setting."""
        title = f"Board {name}"
        code = self.project.folder / "examples/pinboard/pinboard/__init__.py"
        code.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{name}"', code.read_text()))
        described = self.project.folder / "app.yml"
        line = f"  PINBOARD_TITLE: {title}\n"
        described.write_text(re.sub(r"  PINBOARD_TITLE: .*\n", line, described.read_text()))
        return Page(name, title)

    def _describe(self) -> None:
        data = {
            "ssh_config_file": str(self.machine.ssh_config),
            "ssh_hostname": HOSTNAME,
            "ssh_known_hosts_file": str(self.machine.known_hosts),
            "ssh_strict_host_key_checking": "yes",
            "architecture": ARCHITECTURE,
            "debian": DEBIAN,
            "allow_dirty": True,
            "app": APP,
        }
        inventory = f"machine = [('@openssh/{HOSTNAME}', {data!r})]\n"
        (self.project.folder / "inventories/lab.py").write_text(inventory)


WORK = "a deploy by pyinfra"


def require(condition: bool, message: str) -> None:
    """Raise AssertionError with the message unless the condition holds."""
    if not condition:
        raise AssertionError(message)


def until(condition: Callable[[], bool], message: str) -> None:
    """Wait until something is so; raise AssertionError if it never is."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        require(time.monotonic() < deadline, message)
        time.sleep(0.3)
