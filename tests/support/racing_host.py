"""A host that several controllers are at work on: a folder, with the real program and its machine.

Its paths are below a folder, systemd is a table, and a time that is slept through is skipped.
"""

from __future__ import annotations

import copy
import io
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from homeport.hostctl import __main__, protocol
from homeport.hostctl.snapshots import secret_values
from homeport.hostctl.system.clock import Clock
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.verbs.context import Context
from tests.support.fake_systemd import Became, Units

ROOT = Path(__file__).parents[2]
APP = "shop"
PATHS = {
    "STATE": "var/lib/homeport",
    "CONFIG": "etc/homeport",
    "HOME": "srv",
    "UNITS": "etc/systemd/system",
    "SOCKETS": "run/homeport-sockets",
    "PROXY_SOCKETS": "run/homeport-proxy",
}
"""The folders of a host below its root, by their names in the protocol."""
PROGRAM = """\
#!{python} -ISB
import sys
sys.path.insert(0, {root!r})
from homeport.hostctl import protocol
for name, path in {paths!r}.items():
    setattr(protocol, name, path)
from homeport.hostctl.system import clock
real = clock.time.clock_gettime
clock.Clock.mono = lambda self: real(clock.time.CLOCK_BOOTTIME) + float(open({skipped!r}).read())
from homeport.hostctl.__main__ import run
sys.exit(run())
"""


class Version(NamedTuple):
    """What the host is to have: each is written by another phase, and read by what runs.

    + code: what packages, releases, units and the proxy are for
    + setting: what a configuration file says
    + secret: what an environment file holds
    """

    code: str
    setting: str
    secret: str = "secret-of-all"


class SkippedTime(Clock):
    """The clocks of this machine, ahead by the time that was slept through."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def mono(self) -> float:
        return super().mono() + self.skipped

    def sleep(self, seconds: float) -> None:
        self._file.write_text(str(self.skipped + seconds))

    @property
    def skipped(self) -> float:
        """The seconds that were slept through."""
        return float(self._file.read_text())


class Host:
    """The one host; ``units`` is its systemd."""

    def __init__(self, root: Path, units: Units | None = None) -> None:
        self.root, skipped = root, root / "skipped"
        if not skipped.exists():
            skipped.write_text("0")
        self.clock = SkippedTime(skipped)
        self.units = Units(root, self.clock)
        if units is not None:
            found = copy.deepcopy({**units.__dict__, "clock": None, "step": None})
            self.units.__dict__.update(found | {"clock": self.clock, "step": lambda line: None})
        self.place = AppPaths(APP)
        for name in ("etc/systemd/system", "etc/homeport/shop/units", "run", "srv"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def version(self) -> Version:
        """Return what its files say."""
        spec, environment = self.place.processes, self.place.etc / "environment"
        code = Path(json.loads(spec.read_text())["release"]).name if spec.exists() else ""
        setting = environment.read_text() if environment.exists() else ""
        texts = {path.read_text() for path in self.guarded() if path.exists()}
        assert texts == ({code} if code else set()), "what phases wrote is a mixture"
        return Version(code, setting, secret_values.of_host(self.place).get("TOKEN", ""))

    def served(self) -> Version:
        """Return what that which answers had read at its start; empty if nothing does."""
        link = self.root / "run/homeport-sockets/shop/web.sock"
        if not link.is_symlink():
            return Version("", "", "")
        slot = link.readlink().parent.name.rpartition("-")[2]
        run, folder = self.units.runs[f"shop-web@{slot}.service"], self.place.slots / slot
        values = secret_values.values((folder / "etc/secrets").read_bytes())
        return Version(run.read["release"], run.read["environment"], values["TOKEN"])

    def guarded(self) -> tuple[Path, ...]:
        """Return the files that say what code they are for: units and the proxy write them."""
        return self.root / "units", self.root / "proxy"

    def history(self) -> list[dict[str, Any]]:
        """Return the lines of its history."""
        path = self.place.history
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def is_open(self) -> bool:
        """Return whether a deploy is open, or the lease is held."""
        return any(path.exists() for path in (self.place.lease, self.place.journal))

    def run(self, line: str, sent: str) -> tuple[int, str, str]:
        """Run a command. The host's own program runs in this process where it can."""
        if line.startswith(protocol.PROGRAM):
            command, _, mark = line.partition("; echo ")
            command, _, failed = command.partition(" || echo ")
            code, out, err = self.program(shlex.split(command)[1:], sent)
            mark = mark or (failed if code else "")
            return 0, f"{out}{mark[1:-1].replace('$?', str(code))}\n" if mark else out, err
        done = subprocess.run(
            ["sh", "-c", line], input=sent, capture_output=True, text=True, cwd=self.root
        )
        return done.returncode, done.stdout, done.stderr

    def program(self, words: Sequence[str], sent: str = "") -> tuple[int, str, str]:
        """Run the host's own program; what it leaves to be cleared up is cleared up."""
        if not (self.root / "shipped").exists():
            return 127, "", "homeportctl: not found"
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = self._verb(words, sent)
            except Became as became:
                code = self._verb(became.words, sent)
            for unit in [name for name in self.units.detached if "cleanup" in name]:
                self._verb(self.units.detached.pop(unit)[1:], "")
        return code, out.getvalue(), err.getvalue()

    def deadman(self) -> None:
        """Have the time be up of the deploy that is open, if one is: its dead-man acts."""
        for unit in [name for name in self.units.detached if "watchdog" in name]:
            self.clock.sleep(protocol.TTL + 1)
            words = self.units.detached[unit]
            self.program(words[words.index("watchdog") :])

    def _verb(self, words: Sequence[str], sent: str) -> int:
        context = Context(clock=self.clock, commands=self.units, stdin=io.StringIO(sent))
        return __main__.main(list(words), context)


def write_program(path: Path, root: Path) -> None:
    """Write the program that the host's shell runs."""
    paths = {name: f"{root}/{folder}" for name, folder in PATHS.items()}
    text = PROGRAM.format(
        python=sys.executable, root=str(ROOT), paths=paths, skipped=f"{root}/skipped"
    )
    path.write_text(text)
    path.chmod(0o755)


def cleared(root: Path) -> None:
    """Have a folder be there, and empty."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
