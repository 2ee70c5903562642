"""A run of pyinfra, from which something is killed on its way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

RUNTIME_DIRECTORY = "XDG_RUNTIME_DIR"


class Run:
    """A process of pyinfra, and what it has printed."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self._runtime = environment[RUNTIME_DIRECTORY]
        self._process = subprocess.Popen(
            [str(Path(sys.executable).with_name(command[0])), *command[1:]],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._seen = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str, seconds: float) -> bool:
        """Wait until it prints a line with this text; return False if it ends without one."""
        with self._seen:
            self._seen.wait_for(
                lambda: any(text in line for line in self.lines) or not self._reader.is_alive(),
                seconds,
            )
            return any(text in line for line in self.lines)

    def end(self, seconds: float) -> int:
        """Wait for its end; return its exit code."""
        code = self._process.wait(seconds)
        self._reader.join(seconds)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code

    def kill(self) -> None:
        """Kill the controller."""
        self._process.send_signal(signal.SIGKILL)

    def kill_connection(self) -> None:
        """Kill the masters of its connections; raises ``LookupError`` if there are none."""
        own = f"ssh -o ControlPath={self._runtime}"
        masters = [pid for pid, words in _processes() if words.startswith(own)]
        if not masters:
            raise LookupError(own)
        for pid in masters:
            os.kill(pid, signal.SIGKILL)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._seen:
                self.lines.append(line)
                self._seen.notify_all()
        with self._seen:
            self._seen.notify_all()


def _processes() -> list[tuple[int, str]]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.append((int(path.parent.name), words))
    return found
