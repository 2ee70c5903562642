"""A shop on a host that is a folder: deployed as a controller would, and judged as a whole."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from homeport.hostctl import __main__
from homeport.hostctl.system import atomic_files
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.transaction import history, lease
from homeport.hostctl.transaction.journal import Journal
from homeport.hostctl.verbs.context import Context
from homeport.hostctl.verbs.transitions import DETACHED
from tests.support.fake_systemd import UNITS, Became, Units
from tests.support.rehearsed_host import SetClock
from tests.support.shop_versions import APP, TIMER, WORKER, Version


class Shop:
    """One host with that application; ``web`` and ``worker`` are looked at from outside."""

    def __init__(self, root: Path) -> None:
        self.root, self.clock = root, SetClock()
        self.systemd = Units(root, self.clock)
        self.place = AppPaths(APP, root)
        self.count = 0

    def copied(self, root: Path) -> Shop:
        """Return the same host as another folder."""
        shutil.copytree(self.root, root, symlinks=True)
        other = Shop(root)
        other.clock.__dict__.update(self.clock.__dict__)
        found = dict(self.systemd.__dict__) | {"root": root, "clock": other.clock}
        for name in ("runs", "failed", "loaded", "detached", "queued", "ran", "manners"):
            found[name] = type(found[name])(found[name])
        found["runs"] = {unit: replace(run) for unit, run in found["runs"].items()}
        other.systemd.__dict__.update(found)
        other.count = self.count
        return other

    def host(self, says: str = "") -> Context:
        """Return what a verb is given."""
        return Context(self.root, self.clock, self.systemd, io.StringIO(says))

    def run(self, *argv: str, says: str = "") -> int:
        """Run the command; return its exit code."""
        return __main__.main(list(argv), self.host(says))

    def journal(self) -> Journal | None:
        """Return the open journal."""
        return Journal.load(self.place, self.clock)

    def outcome(self) -> dict[str, Any]:
        """Return the last line of the history."""
        return history.read(self.place)[-1]

    # A controller.

    def begin(self, name: str | None = None) -> str:
        """Begin a deploy, and return its id."""
        self.count += 1
        name = name or f"d{self.count}"
        request = {"id": name, "who": "eve@desk", "what": "deploy", "commit": f"c{self.count}"}
        assert self.run("begin", APP, says=json.dumps(request)) == 0
        self.clock.passed += 1
        return name

    def ship(self, wanted: Version) -> None:
        """Have a release lie there."""
        release = self.place.releases / wanted.code
        if not release.exists():
            venv = self.place.venvs / f"venv-{wanted.code}"
            venv.mkdir(parents=True)
            release.mkdir(parents=True)
            (release / "venv").symlink_to(f"../../venvs/{venv.name}")

    def write(self, name: str, wanted: Version) -> None:
        """Write what is wanted, group by group, as a deploy does."""
        for ledger, files in wanted.files().items():
            path = self.place.own / ledger
            had = path.read_text().splitlines()[1:] if path.exists() else []
            left = [each for each in had if each not in files]
            assert (
                self.run("snapshot", APP, name, f"/{path.relative_to(self.root)}", *had, *files)
                == 0
            )
            gone = [Path(each).name for each in left if each.startswith(f"/{UNITS}")]
            if gone:
                self.systemd.run(["systemctl", "stop", "--", *gone])
                self.systemd.run(["systemctl", "disable", "--", *gone])
            for each in left:
                self.place.at(each).unlink(missing_ok=True)
            path.write_text("".join(f"{line}\n" for line in ("version 1", *files)))
            for each, content in files.items():
                self.place.at(each).parent.mkdir(parents=True, exist_ok=True)
                mode = 0o440 if "/config/" in each else 0o644
                atomic_files.write(self.place.at(each), content, mode)
        self.systemd.run(["systemctl", "daemon-reload"])

    def activate(self, name: str, wanted: Version) -> int:
        """Have the host switch to what was written."""
        units = [WORKER, TIMER] if wanted.singles else []
        record = f"/var/lib/homeport/shop/init/{wanted.once}"
        once = [{"unit": f"{wanted.once}.service", "record": record}] if wanted.once else []
        request = {
            "slots": wanted.slots,
            "restart": units,
            "enable": units,
            "stop": [],
            "once": once,
        }
        return self.run("activate", APP, name, DETACHED, says=json.dumps(request))

    def deploy(self, wanted: Version, confirm: bool = True) -> int:
        """Deploy; return the exit code that came last."""
        self.ship(wanted)
        name = self.begin()
        self.write(name, wanted)
        code = self.activate(name, wanted)
        return self.run("confirm", APP, name) if confirm and code == 0 else code

    def back(self, *words: str) -> int:
        """Go back by hand; return the exit code."""
        try:
            return self.run("rollback", APP, *words)
        except Became as became:
            self.clock.passed += 1
            return self.run(*became.words)

    # What comes by itself.

    def settle(self) -> None:
        """Have what was detached run to its end."""
        while waiting := [unit for unit in self.systemd.detached if "cleanup" in unit]:
            words = self.systemd.detached.pop(waiting[0])
            assert self.run(*words[1:]) == 0

    def reboot(self) -> None:
        """Lose what isn't on the disk, and boot."""
        self.clock.reboot()
        self.systemd.reboot()
        assert self.run("boot") == 0
        self.systemd.booted()

    # Somebody who looks.

    def serving(self) -> Mapping[str, str] | None:
        """Return what answers behind the link, None if nothing does."""
        link = self.root / "run/homeport-sockets/shop/web.sock"
        if not link.is_symlink():
            return None
        slot = str(link.readlink()).removeprefix("/run/shop-web-").removesuffix("/web.sock")
        run = self.systemd.runs.get(f"shop-web@{slot}.service")
        return run.read if run else {"release": "nothing answers", "slot": slot}

    def whole(self, wanted: Version | None) -> None:
        """Insist that the host runs this version, all of it and nothing else."""
        assert self.journal() is None
        held = lease.read(self.place)
        # One that was killed between taking the lease and opening its deploy has changed nothing.
        assert held is None or all(line["id"] != held.id for line in history.read(self.place))
        self.clock.passed += 1000
        assert held is None or held.gone(self.clock)
        wanted = wanted or Version("", slots=False, singles=False)
        runs = self.systemd.runs
        text = {"release": wanted.code, "environment": wanted.setting}
        seen = self.serving()
        assert seen == ({**text, "text": f"web of {wanted.code}"} if wanted.slots else None)
        assert (self.place.current.readlink().name if self.place.current.is_symlink() else "") == (
            wanted.code
        )
        expected = {WORKER, TIMER} if wanted.singles else set()
        if wanted.singles:
            assert runs[WORKER].read == {**text, "text": f"worker of {wanted.code}"}
            assert runs[TIMER].read["text"] == f"timer of {wanted.code}"
        slots = [unit for unit in runs if "@" in unit]
        assert set(runs) - set(slots) == expected
        assert len(slots) == (1 if wanted.slots else 0), slots
        enabled = {path.name for path in self.root.glob(f"{UNITS}/*.wants/*")}
        assert enabled == expected
        for files in wanted.files().values() if wanted.code else ():
            for path, content in files.items():
                assert self.place.at(path).read_text() == content
        there = {str(path.relative_to(self.root)) for path in self.root.glob(f"{UNITS}/*.*")}
        named = {
            f"{UNITS}/{Path(path).name}" for path in wanted.paths() if path.startswith(f"/{UNITS}")
        }
        assert {each for each in there if "@" not in each and not each.endswith(".wants")} == named
