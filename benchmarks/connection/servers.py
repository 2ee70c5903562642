"""SSH servers on loopback: real ones, each on a port of its own, for the user who measures."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Reach
from homeport.errors import UserError

LOOPBACK = "127.0.0.1"
PATIENCE = 30.0
"""Seconds in which all servers have to listen, and in which one has to end."""
POLL = 0.02
READY = "Server listening on"
SETTINGS = """\
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
ListenAddress {address}
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
PrintMotd no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Servers:
    """Servers that listen.

    + folder: has their host key, and the key that opens them
    + ports: where each listens
    """

    folder: Path
    ports: tuple[int, ...]

    def reaches(self, ports: Sequence[int], known_hosts: str) -> list[Reach]:
        """Return how each is reached by these ports, and write the file of known hosts."""
        kind, key, *_ = (self.folder / "host.pub").read_text().split()
        known = self.folder / known_hosts
        known.write_text("".join(f"[{LOOPBACK}]:{port} {kind} {key}\n" for port in ports))
        user = pwd.getpwuid(os.getuid()).pw_name
        return [
            Reach(f"h{number:03}", LOOPBACK, port, user, self.folder / "user", known)
            for number, port in enumerate(ports, start=1)
        ]


def program() -> str:
    """Return the path of sshd(8); raises ``UserError`` if it isn't installed."""
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        raise UserError("there is no sshd here", fix="run `apt-get install openssh-server`")
    return str(Path(found).absolute())


@contextmanager
def serving(count: int, folder: Path) -> Iterator[Servers]:
    """Yield so many servers, which end with this process; raises ``UserError`` if one fails."""
    sshd = program()
    for name in ("host", "user"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    settings = folder / "sshd_config"
    settings.write_text(SETTINGS.format(folder=folder, address=LOOPBACK))
    with ExitStack() as stack:
        ports = [stack.enter_context(_reserved()).getsockname()[1] for _ in range(count)]
        processes: list[subprocess.Popen[bytes]] = []
        stack.callback(_end, processes)
        for port in ports:
            # The kernel ends it with this process, even after SIGKILL.
            command = ["setpriv", "--pdeathsig", "TERM", sshd, "-D", "-e"]
            with _log(folder, port).open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        [*command, "-f", str(settings), "-p", str(port)],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        deadline = time.monotonic() + PATIENCE
        for port, process in zip(ports, processes, strict=True):
            _wait(process, _log(folder, port), deadline)
        yield Servers(folder, tuple(ports))


def _reserved() -> socket.socket:
    # The system gives a bound port to no other process; sshd can still listen on it.
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end.bind((LOOPBACK, 0))
    return end


def _log(folder: Path, port: int) -> Path:
    return folder / f"sshd-{port}.log"


def _wait(process: subprocess.Popen[bytes], log: Path, deadline: float) -> None:
    while READY not in (output := log.read_text(errors="replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            why = "; ".join(output.split("\n")[-3:]).strip("; ") or "it gives no reason"
            raise UserError(f"sshd doesn't start: {why}", fix="correct what it says, and try again")
        time.sleep(POLL)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
