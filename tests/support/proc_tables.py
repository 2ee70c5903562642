"""The kernel's tables of sockets and processes, of a host that is a folder."""

from __future__ import annotations

from pathlib import Path

TABLE = " 0: {address}:{port:04X} 00000000:0000 {state} 0:0 0:0 0 0 0 {inode} 1 0\n"


def bind(root: Path, port: int, inode: int, table: str = "tcp", state: str = "0A") -> None:
    """Have a socket listen on that port."""
    path = root / "proc/net" / table
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text() if path.exists() else "head\n"
    path.write_text(text + TABLE.format(address="0100007F", port=port, state=state, inode=inode))


def process(root: Path, pid: int, group: str, *inodes: int, program: str = "python3") -> None:
    """Have a process with these sockets, in that control group."""
    folder = root / "proc" / str(pid)
    (folder / "fd").mkdir(parents=True)
    for number, inode in enumerate(inodes):
        (folder / "fd" / str(number)).symlink_to(f"socket:[{inode}]")
    (folder / "comm").write_text(f"{program}\n")
    (folder / "cgroup").write_text(f"0::{group}\n")
