"""What pyinfra is asked over each way: to run ``true``, or to send a large file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Reach
from homeport.errors import UserError

SIZE = 20_000_000
"""Bytes of the file that is sent."""
DEPLOY = """\
from pyinfra import host
from pyinfra.operations import files

files.put(name="Send a file", src={source!r}, dest=f"{folder}/{{host.data.ssh_port}}")
"""


@dataclass(frozen=True)
class Job:
    """A job for every host.

    + words: what follows the inventory on pyinfra's command line
    + most: hosts that it is measured on at most, None for any number
    + sends: whether it sends the file
    """

    name: str
    title: str
    words: tuple[str, ...]
    most: int | None = None
    sends: bool = False

    def lay(self, work: Path) -> None:
        """Write into a project's folder what the job needs."""
        if self.sends:
            (work / "payload").write_bytes(os.urandom(SIZE))
            text = DEPLOY.format(source=str(work / "payload"), folder=_arrived(work))
            (work / "send.py").write_text(text)
            _arrived(work).mkdir()

    def clear(self, work: Path) -> None:
        """Have nothing of it done."""
        if self.sends:
            for file in _arrived(work).iterdir():
                file.unlink()

    def judge(self, work: Path, hosts: Sequence[Reach]) -> None:
        """Raise ``UserError`` unless it was done on these hosts."""
        for host in hosts if self.sends else ():
            file = _arrived(work) / str(host.port)
            if not file.exists() or file.stat().st_size != SIZE:
                raise UserError(f"{host.name} didn't get the file", fix="see that /tmp has room")


EXEC = Job("exec", "`exec -- true`", ("exec", "--", "true"))
SEND = Job("send", f"a file of {SIZE / 1e6:.0f} MB sent", ("send.py",), most=1, sends=True)
JOBS = (EXEC, SEND)


def _arrived(work: Path) -> Path:
    return work / "arrived"
