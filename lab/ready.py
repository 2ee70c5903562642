"""Whether a host is ready to be worked on: it answers, to root too, and has booted."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress

from homeport.errors import UserError
from lab import machine, ssh, state
from lab.console import HEARTBEAT, say
from lab.paths import Place, place
from lab.state import State

BOOT_SECONDS = 300.0
# A shared connection hides whether a host answers anew.
_ALONE = ("-o", "ControlPath=none", "-o", "ConnectTimeout=5")


def wait(where: Place, current: State, name: str, patience: float) -> str:
    """Wait for a host and return its health: running, or degraded with the units that failed.

    Raises UserError when it ends, or isn't ready in time.
    """
    deadline = time.monotonic() + patience
    heard = time.monotonic()
    while time.monotonic() < deadline:
        done = ssh.run(
            where,
            current,
            name,
            "systemctl is-system-running; systemctl --failed --plain -q",
            root=True,
            stdin="",
            timeout=60,
            options=_ALONE,
        )
        health, _, units = done.stdout.partition("\n")
        if health == "running":
            return health
        if health == "degraded":
            failed = " ".join(line.split()[0] for line in units.splitlines() if line.split())
            return f"degraded ({failed})"
        if not machine.running(where.machine(name)):
            raise UserError(f"{name} ended while it booted", fix=_log_hint(where, name))
        if time.monotonic() - heard > HEARTBEAT:
            heard = time.monotonic()
            say(name, f"waiting: {health or done.stderr.strip() or 'no answer'}")
        time.sleep(0.3)
    raise UserError(f"{name} was not ready after {patience:.0f} s", fix=_log_hint(where, name))


def reboot(name: str, timeout: float = BOOT_SECONDS) -> None:
    """Reboot a host from inside, as a person would, and wait until it is up again.

    Raises UserError when it doesn't come back.
    """
    where = place()
    current = state.require(where, name)
    before = _boot_id(where, current, name)
    if not before:
        raise UserError(f"{name} does not answer", fix=_log_hint(where, name))
    line = ["systemctl", "reboot"]
    # Going down, the host may or may not say goodbye to the connection that told it to.
    with suppress(subprocess.TimeoutExpired):
        ssh.run(where, current, name, line, root=True, stdin="", timeout=20, options=_ALONE)
    ssh.hang_up(where, name)
    deadline = time.monotonic() + timeout
    while True:
        after = _boot_id(where, current, name)
        if after and after != before:
            break
        if time.monotonic() > deadline:
            raise UserError(f"{name} did not come back from its reboot", fix=_log_hint(where, name))
        time.sleep(0.5)
    wait(where, current, name, deadline - time.monotonic())


def _boot_id(where: Place, current: State, name: str) -> str:
    words = ["cat", "/proc/sys/kernel/random/boot_id"]
    done = ssh.run(where, current, name, words, root=False, stdin="", timeout=60, options=_ALONE)
    return done.stdout.strip() if done.returncode == 0 else ""


def _log_hint(where: Place, name: str) -> str:
    return f"read {where.host(name) / 'console.log'}, then try `python -m lab reset {name}`"
