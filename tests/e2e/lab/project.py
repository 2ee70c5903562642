"""A copy of the project that a test may edit, and the two commands that its user would run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
COPIED = (
    "app.yml",
    "config.py",
    "deploy.py",
    "deploys",
    "homeport",
    "kinds",
    "operations",
    "examples",
    "group_data",
    "inventories",
    "templates",
)
LINKED = ("lab", "tools")
_CACHES = shutil.ignore_patterns("__pycache__")
TOKEN = "a-token-that-must-never-be-seen-anywhere"
PINBOARD = "http://127.0.0.1:8000"
CURRENT = "/srv/pinboard/current"
"""What a host has that the project was deployed to."""
FRAME = ("Begin", "Confirm")
SLOT = "$(sed -n 's/^slot //p' /var/lib/homeport/pinboard/active)"
"""Shell, for root: the slot that serves."""


@dataclass(frozen=True)
class Deploy:
    """What one run of pyinfra said and did."""

    code: int
    output: str
    results: dict[str, Any]

    @property
    def changed(self) -> dict[str, list[str]]:
        """Return the hosts that each operation changed, if it changed any.

        What begins and confirms a deploy is there whenever any other is.
        """
        operations = self.results["results"]["operations"]
        names = {op["name"]: op["success"] for op in operations if op["success"]}
        return {name: hosts for name, hosts in names.items() if name not in FRAME}

    def plan(self, host: str) -> list[tuple[str, str, str]]:
        """Return the changes announced for a host: kind, sign, target."""
        line = re.compile(rf"\[{host}\]\s+([a-z-]+)\s+([+~-]) (\S+)  \(")
        return [(m[1], m[2], m[3]) for m in map(line.search, self.output.splitlines()) if m]

    @property
    def last_line(self) -> str:
        """Return the last line of the output."""
        return self.output.rstrip().splitlines()[-1]


class Project:
    """The project as a user has it: app.yml to edit, pyinfra to run.

    + patience: seconds that a run of pyinfra may take
    """

    patience: float = 300

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, symlinks=True)
            else:
                shutil.copy(source, folder / name)
        # Nobody uses these hosts: what is watched a second is watched long enough.
        with (folder / "app.yml").open("a") as described:
            described.write("\nrelease: {soak: 1, drain_timeout: 1}\n")
        shutil.copytree(ROOT / "tests/production", folder / "tests/production", ignore=_CACHES)
        shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
        for name in LINKED:
            (folder / name).symlink_to(ROOT / name)
        (folder / "secrets").mkdir(mode=0o700)
        token = folder / "secrets/pinboard-token"
        token.touch(mode=0o600)
        token.write_text(TOKEN)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace some text of a file; the test is wrong if it isn't there."""
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))

    def deploy(self, *options: str) -> Deploy:
        """Run the deploy as a user would, without being asked, and return what came of it."""
        done = self.pyinfra("--json", "-y", "inventories/lab.py", "deploy.py", *options)
        results = json.loads(done.stdout) if done.stdout.strip() else {}
        return Deploy(done.returncode, done.stderr, results)

    def converge(self, *options: str) -> Deploy:
        """Deploy, and insist that it succeeds."""
        done = self.deploy(*options)
        assert done.code == 0, done.output
        return done

    def dry(self, *options: str) -> Deploy:
        """Return what a dry run with diffs says."""
        done = self.pyinfra("inventories/lab.py", "deploy.py", "--dry", "--diff", *options)
        return Deploy(done.returncode, done.stdout + done.stderr, {})

    def pyinfra(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pyinfra in this project, where nobody is there to be asked anything."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            capture_output=True,
            text=True,
            timeout=self.patience,
            check=False,
        )

    def prove(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the production specs of this project."""
        arguments = ["-q", "-p", "no:cacheprovider", "tests/production"]
        return subprocess.run(
            [_program("pytest"), *arguments, "--inventory=inventories/lab.py", *options],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def deploy_until(self, phase: str, *options: str) -> None:
        """Deploy, and kill the controller with SIGKILL as soon as it begins this phase."""
        self.run_until(f"Starting operation: {phase}", "deploy.py", *options)

    def run_until(self, message: str, script: str, *options: str) -> None:
        """Run a deploy file, and kill the controller with SIGKILL as soon as it says this."""
        command = self.command("-y", "inventories/lab.py", script, *options)
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        ) as process:
            assert process.stdout is not None
            seen = any(message in line for line in process.stdout)
            process.send_signal(signal.SIGKILL)
        assert seen, f"it never came to {message}"
        assert process.returncode == -signal.SIGKILL

    def command(self, *arguments: str) -> list[str]:
        return [_program("pyinfra"), *arguments]


def lab_command(*arguments: str) -> None:
    """Run `python -m lab` as a user would; fails with all that it said."""
    command = [sys.executable, "-m", "lab", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
