"""The processes that listen on a port: by the kernel's tables and control groups.

See proc(5), and the kernel's Documentation/networking/proc_net_tcp.txt.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
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
    inodes = set(_inodes(port, root / "proc/net"))
    if not inodes:
        return []
    pids = sorted(int(path.name) for path in (root / "proc").iterdir() if path.name.isdigit())
    return [_listener(root / "proc", pid) for pid in pids if inodes & _links(root / "proc", pid)]


def listens(port: int, root: Path = Path("/")) -> bool:
    """Return whether anything listens on a port."""
    return any(True for _ in _inodes(port, root / "proc/net"))


def stranger(unit: str, port: int, root: Path = Path("/")) -> Finding | None:
    """Return why a port is not this unit's own, None if a process of the unit listens there."""
    found = listeners(port, root)
    if any(each.unit == unit for each in found):
        return None
    if not listens(port, root):
        return Finding(f"nothing listens on port {port}{_elsewhere(unit, port, root)}")
    names = ", ".join(map(str, found)) or "a program that can't be seen from here"
    return Finding(
        f"port {port} is taken: {names} listens there, not {unit}."
        f" Fix: stop it, or give the process another port (processes.NAME.listen)",
        lasting=True,
        of_host=True,
    )


def ports(unit: str, root: Path = Path("/")) -> list[int]:
    """Return the TCP ports on which processes of a unit listen."""
    bound = {inode: port for port, inode in _bound(root / "proc/net", ("tcp", "tcp6"))}
    found = set()
    for path in (root / "proc").glob("[0-9]*"):
        if _unit(root / "proc", int(path.name)) == unit:
            links = _links(root / "proc", int(path.name))
            found |= {bound[inode] for inode in links & bound.keys()}
    return sorted(found)


def _elsewhere(unit: str, port: int, root: Path) -> str:
    found = ports(unit, root)
    if not found:
        return ""
    where = f"{unit} listens on port {', '.join(map(str, found))}"
    fix = f"have its command listen on port {port}, as by {{port}}"
    return f"; {where}. Fix: {fix}, or set processes.NAME.listen to {found[0]}"


def _inodes(port: int, tables: Path) -> Iterator[str]:
    return (inode for at, inode in _bound(tables, TABLES) if at == port)


def _bound(tables: Path, names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the port and the inode of each socket in these tables that listens."""
    for name in names:
        with suppress(OSError):
            for line in (tables / name).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == TABLES[name]:
                    yield int(words[1].rpartition(":")[2], 16), words[9]


def _links(proc: Path, pid: int) -> set[str]:
    """Return the inodes of the sockets that a process has open."""
    found = set()
    with suppress(OSError):
        for opened in (proc / f"{pid}/fd").iterdir():
            with suppress(OSError):
                link = os.readlink(opened)  # noqa: PTH115 - it isn't the path of a file
                found.add(link.removeprefix("socket:[").removesuffix("]"))
    return found


def _listener(proc: Path, pid: int) -> Listener:
    program = "a program that has ended"
    with suppress(OSError):
        # A process calls itself what it likes (prctl(2), PR_SET_NAME).
        comm = (proc / f"{pid}/comm").read_text(errors="replace").strip()
        program = re.sub(r"[^\w.+@-]", "?", comm, flags=re.ASCII)
    return Listener(pid, program, _unit(proc, pid))


def _unit(proc: Path, pid: int) -> str:
    """Return the unit of a process, nothing if it has ended or is in none."""
    # The outermost one below init's own: what is below that, its user may have made.
    groups = _group(proc, pid).removeprefix(_group(proc, 1).removesuffix("/init.scope"))
    units = (name for name in groups.split("/") if name.endswith((".service", ".scope")))
    return next(units, "")


def _group(proc: Path, pid: int) -> str:
    with suppress(OSError):
        lines = (proc / f"{pid}/cgroup").read_text(errors="replace").split("\n")
        return next((line[3:] for line in lines if line.startswith("0::")), "")
    return ""
