"""One running system: an overlay mount, booted by systemd-nspawn, found again by its name."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from homeport.errors import UserError
from lab import base
from lab.command import attempt, environment, output
from lab.paths import Place
from lab.state import Host

STOP_SECONDS = 20.0
START_SECONDS = 5.0
FREEZE_SECONDS = 10.0

# A cgroup of its own: systemd inside would share its services' cgroups with the next host's, and
# all of a host can be ended at once, even what outlived its nspawn.
# The group is made before the shell: one that comes late, when `down` has swept, ends by itself.
# 133 is nspawn's word for "rebooted": where no service manager listens, it is ours to obey.
_BOOT = """
for group in $1; do
    echo $$ >"$group/cgroup.procs" || exit
done
shift
while :; do
    "$@"
    [ $? = 133 ] || exit
done
"""
_CGROUPS = Path("/sys/fs/cgroup")


def running(machine: str) -> bool:
    """Return whether a machine is up, or on its way: the shell around its nspawn is there."""
    # It is in the group itself; nspawn moves on to one below, and so do the host's processes.
    return bool(_pids(_group(machine)))


def leader(machine: str) -> int:
    """Return the process, as seen from here, that is the first one inside a machine.

    Raises UserError when there is none: it is not up, or has only just begun to boot.
    """
    for directory, _, _ in os.walk(_group(machine)):
        for pid in _pids(Path(directory)):
            with suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                if re.search(r"^NSpid:\t\d+\t1$", status, re.MULTILINE):
                    return pid
    raise UserError(f"{machine} is not up", fix="run `python -m lab up`")


def named(prefix: str) -> set[str]:
    """Return the machines of one lab that there is anything of, whatever the records say."""
    return {group.name for group in _top().glob(f"{prefix}-*")}


def mount(where: Place, host: Host) -> Path:
    """Lay a host's own layer over its snapshots and its base; return the root that comes of it."""
    directory = where.host(host.name)
    root = directory / "root"
    if not root.is_mount():
        for part in ("upper", "work", "root"):
            (directory / part).mkdir(parents=True, exist_ok=True)
        below = [where.snapshot(label) / "layer" for label in host.layers]
        lower = ":".join(str(path) for path in (*below, base.bases() / host.base))
        layers = f"lowerdir={lower},upperdir={directory / 'upper'}"
        # A directory that came with the base can then be renamed, as on any disk.
        options = f"{layers},workdir={directory / 'work'},redirect_dir=on"
        output(["mount", "-t", "overlay", where.machine(host.name), "-o", options, str(root)])
    return root


def boot(where: Place, host: Host) -> None:
    """Start a machine that outlives us."""
    machine = where.machine(host.name)
    nspawn = ["systemd-nspawn", "--quiet", f"--directory={where.host(host.name) / 'root'}"]
    nspawn += [f"--machine={machine}", f"--hostname={host.name}", "--boot", "--register=no"]
    nspawn += [f"--network-bridge={where.bridge}", "--resolv-conf=off", "--timezone=off"]
    nspawn += ["--link-journal=no", "--console=read-only", "--keep-unit"]
    groups = [top / machine for top in _hierarchies()]
    for group in groups:
        group.mkdir(exist_ok=True)
    shell = ["sh", "-c", _BOOT, machine, " ".join(str(group) for group in groups)]
    with (where.host(host.name) / "console.log").open("w") as log:
        subprocess.run(
            ["setsid", "--fork", *shell, *nspawn],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment({"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}),
            check=True,
        )
    # The shell goes its own way, and is not in its group yet: that isn't the end.
    deadline = time.monotonic() + START_SECONDS
    while not running(machine) and time.monotonic() < deadline:
        time.sleep(0.02)


def stop(where: Place, name: str) -> bool:
    """End a machine at once, as if its power were cut; return whether there was anything of it.

    Nothing of a host is worth a shutdown: its layer is thrown away, or survives this as a disk
    does. Raises UserError when it doesn't end even so.
    """
    machine = where.machine(name)
    group = _group(machine)
    if not group.exists():
        return False
    deadline = time.monotonic() + STOP_SECONDS
    while _populated(group):
        _kill(group)
        if time.monotonic() > deadline:
            raise UserError(f"{machine} does not end", fix="run `python -m lab down` again")
        time.sleep(0.05)
    # What nspawn leaves behind when it can't say goodbye. The link first: a network namespace
    # lives on as long as a connection in it dies, and would answer in the next clone's name.
    attempt(["ip", "link", "delete", f"vb-{machine}"])
    shutil.rmtree(Path("/run/systemd/nspawn/propagate", machine), ignore_errors=True)
    root = where.host(name) / "root"
    if root.exists():
        status = root.stat()
        lock = Path(f"/run/systemd/nspawn/locks/inode-{status.st_dev}:{status.st_ino}")
        lock.unlink(missing_ok=True)
    for top in _hierarchies():
        for directory, _, _ in os.walk(top / machine, topdown=False):
            with suppress(OSError):
                Path(directory).rmdir()
    return True


@contextmanager
def frozen(where: Place, name: str) -> Iterator[None]:
    """Keep every process of a host from running, if it runs at all, until this is over."""
    group = _group(where.machine(name))
    if not group.exists():
        yield
        return
    try:
        _freeze(group, True)
        yield
    finally:
        _freeze(group, False)


def unmount(directory: Path) -> list[str]:
    """Unmount all that is mounted below a directory; return what was."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    points = [line.split()[1].replace(r"\040", " ") for line in lines]
    below = [point for point in points if Path(point).is_relative_to(directory)]
    for point in reversed(below):
        if attempt(["umount", point]).returncode:
            output(["umount", "--lazy", point])
    return below


def _top() -> Path:
    return _hierarchies()[0]


def _hierarchies() -> list[Path]:
    both = [_CGROUPS / "unified", _CGROUPS / "systemd"]
    return both if all(one.exists() for one in both) else [_CGROUPS]


def _group(machine: str) -> Path:
    return _top() / machine


def _pids(group: Path) -> list[int]:
    try:
        return [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    except OSError:
        return []


def _populated(group: Path) -> bool:
    return "populated 1" in (group / "cgroup.events").read_text().splitlines()


def _freeze(group: Path, frozen: bool) -> None:
    (group / "cgroup.freeze").write_text(f"{frozen:d}")
    deadline = time.monotonic() + FREEZE_SECONDS
    while f"frozen {frozen:d}" not in (group / "cgroup.events").read_text().splitlines():
        if time.monotonic() > deadline:
            raise UserError(f"{group.name} does not freeze", fix="try again, or reset it")
        time.sleep(0.01)


def _kill(group: Path) -> None:
    try:
        (group / "cgroup.kill").write_text("1")
    except OSError:
        # Before Linux 5.14 there is no such file; the caller comes back for what was just forked.
        for directory, _, _ in os.walk(group):
            for pid in _pids(Path(directory)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
