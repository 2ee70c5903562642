"""The processes that listen on a port: by the kernel's tables and control groups.

See proc(5), and the kernel's Documentation/networking/proc_net_tcp.txt.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .finding import Finding

LISTENING, UNCONNECTED = "0A", "07"
"""States of a TCP socket that listens, and of a UDP socket that hears everybody."""
TABLES = {"tcp": LISTENING, "tcp6": LISTENING, "udp": UNCONNECTED, "udp6": UNCONNECTED}


class Listener(NamedTuple):
    """A process that has a socket open: its number, its program, and systemd's unit of it."""

    pid: int
    program: str
    unit: str

    def __str__(self) -> str:
        return f"{self.program} (pid {self.pid}{f', {self.unit}' if self.unit else ''})"


def listeners(port: int, root: Path = Path("/")) -> list[Listener]:
    """Return the processes that listen on a port, at whatever address."""
    links = {f"socket:[{inode}]" for inode in _inodes(port, root / "proc/net")}
    if not links:
        return []
    pids = sorted(int(path.name) for path in (root / "proc").iterdir() if path.name.isdigit())
    return [_listener(root / "proc", pid) for pid in pids if _has(root / "proc", pid, links)]


def listens(port: int, root: Path = Path("/")) -> bool:
    """Return whether anything listens on a port."""
    return any(True for _ in _inodes(port, root / "proc/net"))


def stranger(unit: str, port: int, root: Path = Path("/")) -> Finding | None:
    """Return why a port is not this unit's own, None if a process of the unit listens there."""
    found = listeners(port, root)
    if any(each.unit == unit for each in found):
        return None
    if not listens(port, root):
        return Finding(f"nothing listens on port {port}")
    names = ", ".join(map(str, found)) or "a program that can't be seen from here"
    return Finding(
        f"port {port} is taken: {names} listens there, not {unit}."
        f" Fix: stop it, or give the process another port (processes.NAME.listen)",
        lasting=True,
        of_host=True,
    )


def _inodes(port: int, tables: Path) -> Iterator[str]:
    for name, state in TABLES.items():
        with suppress(OSError):
            for line in (tables / name).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == state and int(words[1].rpartition(":")[2], 16) == port:
                    yield words[9]


def _has(proc: Path, pid: int, links: set[str]) -> bool:
    with suppress(OSError):
        for opened in (proc / f"{pid}/fd").iterdir():
            with suppress(OSError):
                if os.readlink(opened) in links:  # noqa: PTH115 - it isn't the path of a file
                    return True
    return False


def _listener(proc: Path, pid: int) -> Listener:
    program, unit = "a program that has ended", ""
    with suppress(OSError):
        program = (proc / f"{pid}/comm").read_text(errors="replace").strip()
        groups = (proc / f"{pid}/cgroup").read_text(errors="replace").strip().split("/")
        units = [name for name in groups if name.endswith((".service", ".scope"))]
        unit = units[-1] if units else ""
    return Listener(pid, program, unit)
