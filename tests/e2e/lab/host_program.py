"""The host program, put on a host by hand, and a connection of one's own to run it by."""

from __future__ import annotations

import base64
import io
import shlex
import subprocess
import tarfile
from pathlib import Path

import lab
from lab import ssh, state
from lab.command import environment
from lab.paths import place

ROOT = Path(__file__).resolve().parents[3]
MAIN = b"import sys\nfrom hostctl.__main__ import run\nsys.exit(run())\n"
LAUNCHER = b'#!/bin/sh\nexec /usr/bin/python3 -I -S -B /usr/local/lib/homeportctl "$@"\n'


def install(host: str) -> None:
    """Lay the program out on a host as a deploy does."""
    done = lab.run(host, "base64 -d | tar -xz -C /", root=True, stdin=archive())
    done.check_returncode()


def archive() -> str:
    """Return the program as a tar archive of a host's root, in base64."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for source in sorted((ROOT / "homeport/hostctl").rglob("*.py")):
            name = source.relative_to(ROOT / "homeport")
            _add(tar, f"usr/local/lib/homeportctl/{name}", source.read_bytes(), 0o644)
        _add(tar, "usr/local/lib/homeportctl/__main__.py", MAIN, 0o644)
        _add(tar, "usr/local/sbin/homeportctl", LAUNCHER, 0o755)
    return base64.b64encode(buffer.getvalue()).decode()


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    tar.addfile(info, io.BytesIO(content))


class Connection:
    """A connection to a host that is shared with nobody, and a shell of root's at its end."""

    def __init__(self, host: str) -> None:
        where = place()
        alone = ["-o", "ControlMaster=no", "-o", "ControlPath=none"]
        sudo, password = ssh.as_root(where, state.require(where, host).hosts[host])
        self._ssh = subprocess.Popen(
            [*ssh.command(where, host, *alone), shlex.join([*sudo, "sh", "-s"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        if password:
            self.send(password.strip())

    def run(self, script: str) -> str:
        """Run a script to its end; return what it printed, and its exit code in the last line."""
        lines = []
        self.send(f"( {script}\n) 2>&1; printf '%s\\nover\\n' $?")
        assert self._ssh.stdout is not None
        for line in self._ssh.stdout:
            if line == "over\n":
                break
            lines.append(line)
        return "".join(lines)

    def send(self, script: str) -> None:
        """Have the shell run a script, and don't wait for it."""
        assert self._ssh.stdin is not None
        self._ssh.stdin.write(f"{script}\n")
        self._ssh.stdin.flush()

    def kill(self) -> None:
        """End it as a machine does that loses its power."""
        self._ssh.kill()
        self._ssh.wait()
        for pipe in (self._ssh.stdin, self._ssh.stdout):
            if pipe is not None:
                pipe.close()
