"""A small project to be spoilt in one place, and pyinfra as its user would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINKED = ("config.py", "deploy.py", "deploys", "homeport", "kinds", "operations", "templates")
APP = """\
name: shop
source: code
python: "3.11"
requirements: requirements.txt
environment: {MODE: "a b"}
processes:
  web:
    command: python -m http.server {port}
    listen: 8000
  worker: {command: python -m shop}
schedules:
  tidy: {command: python -m shop.tidy, at: daily}
"""
LOCK = f"shop-helper==1.0 \\\n    --hash=sha256:{'0' * 64}\n"
HOST = 'pi = [("pi.invalid", {"ssh_connect_retries": 0})]\n'
DATA = 'architecture = "arm64"\ndebian = "12"\n'
Spoil = Callable[["Project"], object]


@dataclass(frozen=True)
class Project:
    """The project's folder; nothing of it is known to anybody else."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> Project:
        for name in LINKED:
            (folder / name).symlink_to(ROOT / name)
        for name in ("code/shop", "inventories", "group_data", "secrets"):
            (folder / name).mkdir(parents=True)
        project = cls(folder)
        project.write("app.yml", APP)
        project.write("requirements.txt", LOCK)
        project.write("inventories/pi.py", HOST)
        project.write("group_data/all.py", DATA)
        project.write("code/shop/__init__.py", "")
        return project

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def remove(self, name: str) -> Path:
        path = self.folder / name
        path.unlink()
        return path

    def git(self, folder: str, *commands: str) -> None:
        who = ["git", "-c", "user.name=tests", "-c", "user.email=tests@localhost"]
        for command in commands:
            line = [*who, "-C", str(self.folder / folder), *command.split()]
            subprocess.run(line, check=True, capture_output=True, env=self.environment())

    def environment(self) -> dict[str, str]:
        variables = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_")
        }
        # The cache is read by all: nothing is built from these sources but themselves.
        return {
            **variables,
            "XDG_CACHE_HOME": str(self.folder / ".cache"),
            "HOME": str(self.folder),
        }

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        """Return the exit code and all that was said, with nobody there to be asked."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout
