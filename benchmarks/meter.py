"""What a command costs the machine that runs it: seconds, CPU, memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
SAMPLE = 0.1
"""Seconds between two looks at the memory: a peak that is shorter may be missed."""
SHARE = 0.05
"""Part of the time that measuring the memory takes at most."""


@dataclass(frozen=True)
class Cost:
    """What one run took.

    + wall: seconds from its start to its end
    + cpu: seconds of processor, of all processes that it started
    + memory: most bytes at one time, shared pages counted once (PSS)
    + code, output: how it ended, and what it said
    """

    wall: float
    cpu: float
    memory: int
    code: int
    output: str


def measure(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float
) -> Cost:
    """Run a command to its end in a control group of its own and return what it took.

    What outlives it, such as a shared SSH connection, is ended. Raises
    ``subprocess.TimeoutExpired``.
    """
    with measuring(folder, environment, timeout) as run:
        return run(command)


@contextmanager
def measuring(
    folder: Path, environment: Mapping[str, str], timeout: float
) -> Iterator[Callable[[Sequence[str]], Cost]]:
    """Yield what runs a command as ``measure`` does, for several in one control group.

    What outlives a command is there for the next one, in whose memory it counts, and is ended at
    the end. What it does between two commands counts for neither.
    """
    with _group() as group:
        yield lambda command: _run(group, command, folder, environment, timeout)


def _run(
    group: Path,
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    timeout: float,
) -> Cost:
    with tempfile.TemporaryFile() as output:
        # By a shell that joins the group first, so that nothing it starts is missed.
        join = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(group), *command]
        peak, done = _Peak(group), threading.Event()
        watch = threading.Thread(target=peak.watch, args=(done, timeout), daemon=True)
        before, begun = _cpu(group), time.monotonic()
        watch.start()
        with subprocess.Popen(
            join,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process:
            # A wait with a timeout would look every 50 ms; the watch ends what takes too long.
            try:
                code = process.wait()
                wall = time.monotonic() - begun
            finally:
                done.set()
            cpu = _cpu(group) - before
        watch.join()
        if peak.late:
            raise subprocess.TimeoutExpired(command, timeout)
        output.seek(0)
        return Cost(wall, cpu, peak.bytes, code, output.read().decode(errors="replace"))


class _Peak:
    def __init__(self, group: Path) -> None:
        self._group, self.bytes, self.late = group, 0, False

    def watch(self, done: threading.Event, timeout: float) -> None:
        """Look until it is done, and end it when it is late."""
        until, pause = time.monotonic() + timeout, SAMPLE
        while not done.wait(pause):
            now = time.monotonic()
            if now > until:
                self.late = True
                _end(self._group)
                return
            self.bytes = max(self.bytes, sum(map(memory, _members(self._group))))
            # Hundreds of processes take a while: what is measured shares the processors with us.
            pause = max(SAMPLE, (time.monotonic() - now) / SHARE)


def top() -> Path:
    """Return the folder of the control groups of version 2."""
    unified = GROUPS / "unified"
    return unified if unified.is_dir() else GROUPS


@contextmanager
def _group() -> Iterator[Path]:
    group = top() / f"homeport-bench-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        _end(group)
        group.rmdir()


def _cpu(group: Path) -> float:
    stat = (group / "cpu.stat").read_text().split()
    return int(stat[stat.index("usage_usec") + 1]) / 1e6


def _members(group: Path) -> list[int]:
    return [int(pid) for pid in (group / "cgroup.procs").read_text().split()]


def memory(pid: int) -> int:
    """Return the bytes that a process has, its part of what it shares; 0 if it has ended."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0


def _end(group: Path) -> None:
    deadline = time.monotonic() + 10
    while _members(group) and time.monotonic() < deadline:
        (group / "cgroup.kill").write_text("1")
        time.sleep(0.01)
