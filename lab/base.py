"""A Debian root that hosts are cloned from: built once, kept in the user's cache, never changed."""

from __future__ import annotations

import hashlib
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

from homeport.errors import UserError
from lab import emulation, mirror
from lab.command import environment
from lab.console import HEARTBEAT, say
from lab.lock import alone, held
from lab.paths import cache_directory
from lab.spec import RELEASES

# No curl, no venv: what the configuration needs, it must install itself.
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "sudo"),
    *("python3", "ca-certificates", "iproute2", "procps"),
)
# Background package work takes dpkg's lock from whatever a test is doing.
_TIMERS = ("apt-daily", "apt-daily-upgrade", "e2scrub_all", "fstrim")
# From inside, by iproute2: so it survives a reboot, and works where networkd doesn't run.
_ADDRESS_UNIT = """\
[Unit]
Description=Network address of this test host
DefaultDependencies=no
Before=network-pre.target network.target network-online.target ssh.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
EnvironmentFile=/etc/lab-address
ExecStart=/bin/ip link set lo up
ExecStart=/bin/ip link set host0 up
ExecStart=/bin/ip addr replace ${ADDRESS}/24 dev host0
ExecStart=/bin/ip route replace default via ${GATEWAY}

[Install]
WantedBy=sysinit.target
"""
_REVISION = 1


def bases() -> Path:
    """Return the directory of all base roots, shared by all labs of this user."""
    return cache_directory() / "base"


def ensure(architecture: str, debian: str, emulated: bool, who: str) -> str:
    """Return the name of a finished base, after building it where there is none.

    Raises UserError when it can't be built.
    """
    sources, settings = mirror.read(debian)
    recipe = json.dumps(
        [_REVISION, PACKAGES, _TIMERS, _ADDRESS_UNIT, sources, settings, emulated and emulation.ID]
    )
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:10]
    name = f"{RELEASES[debian]}-{architecture}-{digest}"
    finished = bases() / name
    if finished.is_dir():
        return name
    bases().mkdir(parents=True, exist_ok=True)
    with alone(bases() / f".{name}.lock", who, f"base {name} is being built already"):
        if finished.is_dir():
            return name
        building = bases() / f".{name}.building"
        shutil.rmtree(building, ignore_errors=True)
        options = [f"--aptopt={line}" for line in settings]
        command = ["mmdebstrap", "--mode=root", "--variant=minbase", *options]
        command += [f"--architectures={architecture}", f"--include={','.join(PACKAGES)}"]
        command += ["--skip=cleanup/apt/lists", RELEASES[debian], str(building), *sources]
        build(command, f"base {RELEASES[debian]}/{architecture}", who, bases() / f"{name}.log")
        prepare(building, emulated)
        os.sync()
        building.rename(finished)
    return name


def sweep() -> list[str]:
    """Remove what killed builds left behind; return what was removed."""
    gone = []
    for building in bases().glob(".*.building"):
        name = building.name.removeprefix(".").removesuffix(".building")
        if not held(bases() / f".{name}.lock"):
            shutil.rmtree(building, ignore_errors=True)
            gone.append(f"half-built base {name}")
    return gone


def build(command: list[str], what: str, who: str, log: Path) -> None:
    """Run mmdebstrap to its end, and show its progress. Raises UserError when it fails."""
    # In a process namespace that dies with us: a killed `up` leaves no build running.
    tied = ["setpriv", "--pdeathsig", "KILL"]
    tied += ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    begun, step = time.monotonic(), "starting"
    say(who, f"building {what}: once, then kept")
    with (
        log.open("w") as record,
        subprocess.Popen(
            [*tied, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
        ) as process,
    ):
        if process.stdout is None:
            raise UserError("mmdebstrap has no output", fix="run `python -m lab up` again")
        pipe, rest, last = process.stdout.fileno(), b"", ""
        while True:
            ready, _, _ = select.select([pipe], [], [], HEARTBEAT)
            if not ready:
                say(who, f"building {what}: {step}, {time.monotonic() - begun:.0f} s")
                continue
            chunk = os.read(pipe, 65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                last = line.decode(errors="replace")
                record.write(f"{last}\n")
                if last.startswith("I: ") and "..." in last:
                    step = last.removeprefix("I: ").rstrip(".")
                    say(who, f"building {what}: {step}, {time.monotonic() - begun:.0f} s")
    if process.returncode:
        raise UserError(
            f"the {what} could not be built: {last}",
            fix=f"read {log}, then run `python -m lab up` again",
        )
    say(who, f"built {what} in {time.monotonic() - begun:.0f} s")


def prepare(root: Path, emulated: bool) -> None:
    """Make a fresh root take its address at boot, and do no work in the background."""
    system = root / "etc/systemd/system"
    wants = system / "sysinit.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (system / "lab-address.service").write_text(_ADDRESS_UNIT)
    (wants / "lab-address.service").symlink_to("../lab-address.service")
    for timer in _TIMERS:
        (system / "timers.target.wants" / f"{timer}.timer").unlink(missing_ok=True)
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    if emulated:
        emulation.adapt(root)
