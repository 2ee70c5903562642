"""Who follows docs/staging-setup.md with two bare hosts ends with two that are proven."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.paths import place
from lab.spec import LOGIN
from tests.e2e.lab.project import ROOT, Project, lab_command

pytestmark = pytest.mark.long

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)
STEPS = BLOCK.findall((ROOT / "docs/staging-setup.md").read_text())
# The lab's names for the hosts of the page; where each file that the page shows belongs.
NAMES = {"staging": "staging.example.org", "second": "staging-2.example.org"}
FILES = {
    '"""Staging."""': "inventories/staging.py",
    '"""How staging': "group_data/staging.py",
}
PROVE = "pytest tests/production --inventory=inventories/staging.py"
ELSEWHERE = {
    "make secrets/pinboard-token": "the fixture of the project, which has no Makefile",
    f"{PROVE} --disruptive": "tests/e2e/lab/test_proof.py, since it takes a minute",
}


@pytest.fixture
def ssh_config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Return an ssh_config that knows two bare hosts by the names that the page gives them."""
    monkeypatch.setenv("HOMEPORT_LAB", "test-staging")
    # The page itself says who logs in.
    monkeypatch.delenv(LOGIN, raising=False)
    lab_command("up", "staging", "second=amd64")
    text = place().ssh_config.read_text()
    for name, shown in NAMES.items():
        text = text.replace(f"Host {name}\n", f"Host {shown}\n")
    config = tmp_path / "ssh_config"
    config.write_text(text)
    yield config
    lab_command("down")


class Follower:
    """Somebody who does what the page says, in its order."""

    def __init__(self, project: Project, ssh_config: Path) -> None:
        self.folder = project.folder
        with (self.folder / "group_data/all.py").open("a") as data:
            data.write(f'ssh_config_file = "{ssh_config}"\n')
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {ssh_config} "$@"\n')
        (programs / "ssh").chmod(0o755)
        venv = Path(sys.executable).parent
        self.environment = {**os.environ, "PATH": f"{programs}:{venv}:{os.environ['PATH']}"}

    def write(self, text: str) -> None:
        """Put a block of the page into its file."""
        (name,) = [name for start, name in FILES.items() if text.startswith(start)]
        (self.folder / name).write_text(text)

    def run(self, command: str) -> str:
        """Run a command of the page, press Enter if it asks, and insist that it succeeds."""
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            input="\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout


def planned(output: str) -> set[str]:
    """Return the hosts that a plan has changes for."""
    return set(re.findall(r"\[(\S+)\]\s+[a-z]+\s+[+~-] ", output))


def passed(output: str) -> int:
    """Return how many specs passed; none may have failed."""
    assert "failed" not in output
    (count,) = re.findall(r"(\d+) passed", output)
    return int(count)


def test_the_page_leads_from_two_bare_hosts_to_two_that_are_proven(
    project: Project, ssh_config: Path
) -> None:
    follower = Follower(project, ssh_config)
    transcript: list[tuple[str, str]] = []
    for language, text in STEPS:
        if language == "python":
            follower.write(text)
            continue
        commands = [line for line in text.splitlines() if line not in ELSEWHERE]
        transcript += [(command, follower.run(command)) for command in commands]

    first, second = NAMES.values()
    bare, daily, added = (output for command, output in transcript if "--dry" in command)
    assert planned(bare) == {first}
    assert '+PINBOARD_TITLE="Pinboard (staging)"' in bare
    assert planned(daily) == set()
    assert planned(added) == {second}
    assert '+PINBOARD_TITLE="Pinboard"' in added
    assert "+MemoryMax=512M" in added

    assert ['"ready":true' in output for command, output in transcript if "curl" in command] == [
        True
    ]
    proven = [passed(output) for command, output in transcript if command == PROVE]
    assert len(proven) == 3
    assert proven[0] == proven[1]
    assert proven[2] > 1.5 * proven[0], "the second host is proven too"
