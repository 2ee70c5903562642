"""What runs on the host: it waits for a state of the open deploy, and kills the host program."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from lab import ssh, state
from lab.command import environment
from lab.paths import place

WAITS = 180
"""Seconds in which a state has to come."""
SCRIPT = r"""
import glob, os, signal, sys, time

folder, wanted, kills = sys.argv[1:]
words = b'"state": "%s"' % wanted.encode()


def read(name):
    try:
        with open(f"{folder}/{name}", "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def kill():
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                if b"/usr/local/lib/homeportctl" in file.read().split(b"\0"):
                    os.kill(int(path.split("/")[2]), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            continue


def reached():
    # Its journal is the last one as soon as a deploy is over.
    last = read("journal.last")
    end = time.monotonic() + WAITS
    while time.monotonic() < end:
        now = read("journal.last")
        if words in read("journal") or (now != last and words in now):
            return True
        time.sleep(0.0005)


if not wanted or (print("waiting", flush=True), reached())[1]:
    if kills:
        kill()
    print("reached", flush=True)
"""


def kill_program(host: str) -> None:
    """Kill whatever runs of the host program, the dead-man as well."""
    with _running(host, "", "", kills=True) as process:
        process.wait(timeout=WAITS)


@contextmanager
def observing(
    host: str, folder: str, wanted: str, *, kills: bool
) -> Iterator[subprocess.Popen[str]]:
    """Wait for a state; the process ends its output with ``reached`` once it has come.

    + folder: of the application's journal
    + kills: the host program is killed at once
    """
    with _running(host, folder, wanted, kills=kills) as process:
        if process.stdout is None or process.stdout.readline() != "waiting\n":
            raise RuntimeError(f"nothing waits on {host}")
        yield process


@contextmanager
def _running(
    host: str, folder: str, wanted: str, *, kills: bool
) -> Iterator[subprocess.Popen[str]]:
    where = place()
    sudo, password = ssh.as_root(where, state.require(where, host).hosts[host])
    script = SCRIPT.replace("WAITS", str(WAITS))
    words = [*sudo, "python3", "-I", "-c", script, folder, wanted, "kills" if kills else ""]
    command = [*ssh.command(where, host), "--", shlex.join(words)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        try:
            if process.stdin is not None:
                process.stdin.write(password)
                process.stdin.flush()
            yield process
        finally:
            process.kill()
