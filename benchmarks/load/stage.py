"""The host on which releases are switched: made ready for it, and asked what it knows."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import lab
from benchmarks import fleet
from benchmarks.contenders import Reach
from benchmarks.load.authority import Authority
from benchmarks.load.target import Target
from benchmarks.load.work import SERVED
from homeport.errors import UserError

PORT = 443
CERTIFICATE, KEY = "/etc/ssl/ticker.pem", "/etc/ssl/private/ticker.key"
"""Where app.yml says that they are."""


class Stage:
    """One host of the lab."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self._folder = name, folder
        self._authority = Authority(folder / "authority")

    @property
    def reach(self) -> Reach:
        """How a deploy gets there."""
        (reach,) = fleet.direct([self.name], self._folder)
        return reach

    @property
    def target(self) -> Target:
        """Where its proxy is."""
        trusted = str(self._authority.certificate)
        return Target(SERVED, self.reach.address, PORT, trusted)

    def certify(self) -> None:
        """Install a certificate for the proxy there, of the benchmark's own authority."""
        certificate, key = self._authority.certify(SERVED)
        for file, path, mode in ((certificate, CERTIFICATE, "644"), (key, KEY, "600")):
            self.run("install", "-D", "-m", mode, "/dev/stdin", path, stdin=file.read_text())

    def run(self, *command: str, stdin: str = "") -> str:
        """Run a command there as root and return what it says. Raises UserError when it fails."""
        done = lab.run(self.name, list(command), root=True, stdin=stdin, timeout=300)
        if done.returncode:
            what = f"on {self.name}, {' '.join(command)} ended with code {done.returncode}"
            raise UserError(f"{what}:\n{done.stdout}{done.stderr}", fix="see above")
        return done.stdout

    def history(self, app: str) -> list[dict[str, Any]]:
        """Return what became of all deploys there, oldest first."""
        output = self.run("cat", f"/var/lib/homeport/{app}/history")
        return [json.loads(line) for line in output.splitlines()]

    def settle(self, app: str) -> None:
        """Return when no slot is on its way out any more, and nothing is left to be done."""
        until = time.monotonic() + 120
        words = ("systemctl", "list-units", "--all", "--no-legend", "--plain")
        while time.monotonic() < until:
            slots = self.run(*words, "--state=active,activating,deactivating", f"{app}-*@*.service")
            busy = self.run(*words, "--state=active,activating", f"homeportctl-*{app}*.service")
            if len(slots.splitlines()) == 1 and not busy.strip():
                return
            time.sleep(0.5)
        raise UserError(f"{self.name} does not settle:\n{slots}{busy}", fix="see above")
