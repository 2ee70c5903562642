"""A copy of the project on this machine, deployed to it by an ordinary user."""

from __future__ import annotations

import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from homeport.artifacts.cache import cache_root
from tests.e2e.lab.project import LINKED, ROOT, Deploy, Project

INVENTORY = "inventories/laptop.py"
UNPRIVILEGED = "nobody"
TELL = "import sys; print('%d.%d' % sys.version_info[:2])"
_CACHES = shutil.ignore_patterns("__pycache__")
CACHES = ("wheels", "locks", "uv")
"""What of the cache another user may start from, so that not everything is fetched again."""


class Laptop(Project):
    """The project in a folder of its user, who has a home and no rights beyond it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for name in LINKED:
            # The checkout may be where an ordinary user can't go.
            (folder / name).unlink()
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        self.home = folder / "home"
        self.home.mkdir()
        self.local = folder / "local"
        self.hook = folder / ".git/hooks/pre-commit"
        self.user = UNPRIVILEGED if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.bin = Path(sys.prefix, "bin")
        self.port = free_port()
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        if os.geteuid() == 0:
            version = self._hand_over(version)
        self.edit("app.yml", 'python: "3.11"', f'python: "{version}"')
        self.edit("group_data/laptop.py", '"listen": 8000', f'"listen": {self.port}')
        self.git("init", "-q", "-b", "main")

    def _hand_over(self, version: str) -> str:
        """Give the folder to an ordinary user; returns the Python that this user can run."""
        cache = self.home / ".cache/homeport"
        for name in CACHES:
            if (cache_root() / name).is_dir():
                shutil.copytree(cache_root() / name, cache / name)
        subprocess.run(["chown", "-R", f"{self.user}:", str(self.folder)], check=True)
        if self.run(str(self.bin / "python"), "-V").returncode == 0:
            return version
        # The Python of this checkout lies where only root goes: the user gets another one.
        result = self.run(
            "/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"
        )
        venv, uv = self.folder / ".venv", str(self.bin / "uv")
        python = f"/usr/bin/python{result.stdout.strip()}"
        made = [uv, "venv", "-q", "--python", python, str(venv)]
        sync = [uv, "pip", "sync", "-q", "--require-hashes", "--python", f"{venv}/bin/python"]
        for command in (made, [*sync, str(ROOT / "requirements.lock")]):
            subprocess.run(command, check=True, cwd=self.folder)
        self.bin = venv / "bin"
        return result.stdout.strip()

    def command(self, *words: str, **variables: str) -> list[str]:
        """Return a command as the user would type it, in an environment of the user's own."""
        known = {"HOME": str(self.home), "LANG": "C.UTF-8", "PATH": f"{self.bin}:/usr/bin:/bin"}
        settings = {name: os.environ[name] for name in os.environ if name.startswith("PIP_")}
        env = [f"{name}={value}" for name, value in {**settings, **known, **variables}.items()]
        become = ["setpriv", f"--reuid={self.user}", "--regid=nogroup", "--clear-groups"]
        become += ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        return [*(become if os.geteuid() == 0 else []), "env", "-i", *env, *words]

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the user, in the project."""
        return subprocess.run(
            self.command(*words, **variables),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def local_run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the one command does."""
        return self.run(str(self.local / "run"), *words)

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run git as the user."""
        who = ("-c", "user.name=user", "-c", "user.email=user@localhost")
        return self.run("git", *who, *arguments)

    def pyinfra(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pyinfra as the user."""
        words = [INVENTORY if word == "inventories/lab.py" else word for word in arguments]
        return self._controller("pyinfra", *words)

    def prove(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the production specs as the user."""
        words = ("-q", "-ra", "-p", "no:cacheprovider", "tests/production")
        return self._controller("pytest", *words, f"--inventory={INVENTORY}", *options)

    def _controller(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        # What the user may not write beside the modules of the controller is kept all the same.
        bytecode = str(self.home / "bytecode")
        return self.run(str(self.bin / program), *words, PYTHONPYCACHEPREFIX=bytecode)

    def plan_of(self, deploy: Deploy) -> list[tuple[str, str, str]]:
        """Return what was announced: kind, sign, and path in the project."""
        found = deploy.plan("@local")
        return [(kind, sign, path.removeprefix(f"{self.folder}/")) for kind, sign, path in found]

    def state(self) -> dict[str, tuple[object, ...]]:
        """Return what is at every path below ``local``, and when it came there."""
        found = {}
        for path in sorted(self.local.rglob("*")):
            info = path.lstat()
            found[str(path)] = (info.st_ino, info.st_mode, info.st_uid, info.st_mtime_ns)
        return found

    def ask(self, path: str, token: str = "", body: bytes | None = None) -> tuple[int, str]:
        """Return what the web process answers: 0 if there is nobody."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            method, headers = "POST" if body else "GET", {"Authorization": f"Bearer {token}"}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    @contextmanager
    def processes(self, ready: Callable[[], bool] | None = None) -> Iterator[subprocess.Popen[str]]:
        """Run the one command, once it is ready, until the block ends."""
        ready = ready or (lambda: self.ask("/health/ready")[0] == 200)
        with (self.folder / "output").open("w") as output:
            process = subprocess.Popen(
                self.command(str(self.local / "run")),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            try:
                until(lambda: process.poll() is not None or ready())
                assert process.poll() is None, self.output()
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                process.wait(timeout=30)
                for left in self.alive():
                    os.kill(left, signal.SIGKILL)

    def output(self) -> str:
        """Return what the processes said."""
        return (self.folder / "output").read_text()

    def alive(self) -> dict[int, str]:
        """Return the command line of all that still runs from ``local``, by process."""
        found = {}
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if f"STATE_DIRECTORY={self.local}/".encode() in path.read_bytes():
                    command = path.with_name("cmdline").read_bytes()
                    found[int(path.parent.name)] = command.decode()
        return found


def until(good: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a look is good; fails if it never is."""
    end = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
