"""pyinfra's place taken by a program that does as a test says, so that no host is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from homeport.rollout import __main__ as rollout

PROGRAM = """\
#!{python} -IB
import json, os, pathlib, signal, sys, time
here = pathlib.Path(__file__).parent
world = json.loads((here / "world.json").read_text())
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
limits = [a.removeprefix("--limit=") for a in sys.argv if a.startswith("--limit=")]
hosts = [host for host in world["hosts"] if not limits or host["name"] in limits]
file, code, checked = sys.argv[-1], 0, "HOMEPORT_ONLY_CHECK" in os.environ
if checked:
    file = "check"
elif "deploys/status.py" in sys.argv:
    file = "standing"
elif "deploy.py" in sys.argv:
    file = "deploy"
    if set(limits) & set(world["stuck"]):
        print("stuck", flush=True)
        signal.signal(signal.SIGINT, signal.SIG_IGN if world["deaf"] else signal.SIG_DFL)
        (here / "at-work").touch()
        time.sleep(60)
    fates = {{host["name"]: world["fates"].get(host["name"], "done") for host in hosts}}
    if "dead" in fates.values():
        os.kill(os.getpid(), signal.SIGKILL)
    hosts = [dict(host, outcome=fates[host["name"]]) for host in hosts]
    code = int(set(fates.values()) != {{"done"}})
if file == "standing":
    hosts = [dict(host, facts=world["facts"].get(host["name"], {{}})) for host in hosts]
if checked and world["error"]:
    print("--> Loading config...", world["error"], sep="\\n", file=sys.stderr)
    sys.exit(1)
pathlib.Path(os.environ["HOMEPORT_REPORT"]).write_text(json.dumps(hosts))
sys.exit(code)
"""


@dataclass
class World:
    """Hosts, what becomes of each in its turn, and what each says at last."""

    folder: Path
    python: str
    hosts: list[dict[str, Any]] = field(default_factory=list)
    fates: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)
    deaf: bool = False
    error: str = ""

    @property
    def inventory(self) -> str:
        return str(self.folder / "pi.py")

    def have(self, *names: str, rollout: object = None) -> None:
        row = {"groups": ["pi"], "rollout": rollout, "outcome": "cut off", "facts": {}}
        self.hosts = [{"name": name, **row} for name in names]

    def write(self) -> None:
        world = {
            name: value for name, value in vars(self).items() if name not in ("folder", "python")
        }
        (self.folder / "world.json").write_text(json.dumps(world))

    def roll_out(self, *options: str) -> int:
        """Roll out in this process; return the exit code."""
        self.write()
        return rollout.main([self.inventory, *options])

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Begin to roll out in a process of its own."""
        self.write()
        patch = (
            f"sys.executable = {str(self.folder / 'python')!r}; run.PATIENCE = run.REVERTING = 0.2"
        )
        script = "import sys; from homeport.rollout import __main__ as rollout\n"
        script += f"from homeport.rollout import pyinfra_run as run; {patch}"
        script += "; sys.exit(rollout.main(sys.argv[1:]))"
        return subprocess.Popen(
            [self.python, "-c", script, self.inventory, *options],
            cwd=Path(rollout.__file__).parents[2],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )

    def calls(self) -> list[list[str]]:
        """Return the arguments of every run of pyinfra."""
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    def turns(self) -> list[list[str]]:
        """Return the hosts of each run that deployed."""
        runs = [call for call in self.calls() if call[-2:] == ["--data", "rollout=no"]]
        return [[a.removeprefix("--limit=") for a in run if "--limit=" in a] for run in runs]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    program = tmp_path / "pyinfra"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    (tmp_path / "pi.py").touch()
    python = sys.executable
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return World(tmp_path, python)
