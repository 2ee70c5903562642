"""The program on a host: each verb, as it is called, and what it prints, does and leaves behind."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from homeport.hostctl import __main__
from homeport.hostctl.snapshots import in_use
from homeport.hostctl.system import atomic_files
from tests.golden.text import PLACES, indented, settled
from tests.support.fake_systemd import UNITS, Became
from tests.support.shop_host import Shop
from tests.support.shop_versions import NEW, OLD, Version

ENOUGH = 4000
"""Characters of a file that are shown: what is longer is room that is kept free."""


class RecordedShop(Shop):
    """A host on which every call of the program is written down."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.calls: list[str] = []
        self._noted = 0

    def run(self, *argv: str, says: str = "") -> int:
        """Run the program, and write down how it ended."""
        out, err = io.StringIO(), io.StringIO()
        code: int | str
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = __main__.main(list(argv), self.host(says))
            except Became as became:
                code = f"goes on as: {shlex.join(became.words)}"
                raised: Became | None = became
            else:
                raised = None
        text = f"$ homeportctl {shlex.join(argv)}\n"
        text += "".join(f"  < {line}\n" for line in says.splitlines())
        text += "".join(f"  1 {line}\n" for line in out.getvalue().splitlines())
        text += "".join(f"  2 {line}\n" for line in err.getvalue().splitlines())
        ran = self.systemd.ran[self._noted :]
        self._noted = len(self.systemd.ran)
        text += "".join(f"  ran {shlex.join(map(str, words))}\n" for words in ran)
        self.calls.append(f"{text}  = {code}\n")
        if raised is not None:
            raise raised
        return int(code)

    def say(self, what: str) -> None:
        """Write down what happens besides."""
        self.calls.append(f"--- {what}\n")

    def left(self) -> str:
        """Return what lies on the host."""
        found: list[tuple[str, str]] = []
        for path in self.root.rglob("*"):
            name = self._named(f"/{path.relative_to(self.root)}")
            if path.is_symlink():
                found.append((name, f" -> {self._named(str(path.readlink()))}"))
            elif path.is_dir():
                found.append((name, "/"))
            else:
                body = _body(path.read_bytes())
                mode = f" {path.stat().st_mode & 0o777:o}\n"
                found.append((name, f"{mode}{indented(body)}".rstrip()))
        return "".join(f"{name}{what}\n" for name, what in sorted(found))

    def _named(self, path: str) -> str:
        """Return a path in which a generation has a name that doesn't depend on its digest."""
        folder = self.place.generations
        folders = folder.iterdir() if folder.is_dir() else ()
        contents = {each.name: settled(self._content(each)) for each in folders}
        for number, name in enumerate(sorted(contents, key=lambda name: contents[name]), 1):
            path = path.replace(name, f"generation-{number}")
        return path

    def _content(self, folder: Path) -> str:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return "".join(f"{path.relative_to(folder)}\n{path.read_text()}" for path in files)


def _body(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"{len(content)} bytes, at random"
    return text if len(text) < ENOUGH else f"{len(text)} characters"


def run_by_hand(host: RecordedShop, *argv: str, says: str = "") -> None:
    """Run the program, and whatever it goes on as."""
    try:
        host.run(*argv, says=says)
    except Became as became:
        host.clock.passed += 1
        host.run(*became.words)


def usage(host: RecordedShop) -> None:
    """Calls that are not understood."""
    for words in (
        [], ["fly"], ["begin"], ["begin", "shop", "more"], ["snapshot", "shop", "d1"],
        ["pin", "shop"],
        ["unlock", "now"], ["history", "shop", "many"], ["history", "-"], ["lock", "--for", "2d"],
        ["lock", "why", "--for"], ["lock", "why", "--for", "0d"], ["boot", "now"], ["cleanup"],
        ["lock", "why", "--for", "2 days"], ["activate", "shop"], ["confirm", "shop"], ["unpin"],
        ["revert", "shop"], ["watchdog", "shop"], ["rollback"], ["status", "a", "b"],
        ["rollback", "shop", "a", "b"], ["rollback", "shop", "--fly"],
        ["rollback", "shop", "--user"],
        ["begin", "../x"], ["snapshot", "shop", "../d", "/x"], ["begin", "Shop"],
    ):  # fmt: skip
        run_by_hand(host, *words)
    for verb in __main__.VERBS.values():
        host.say(f"usage: {verb.usage}; {verb.does}; {verb.least} to {verb.most}; {verb.writes}")


def refused(host: RecordedShop) -> None:
    """Calls that are refused where there is nothing, or not what is asked for."""
    for words in (
        ["status"], ["status", "shop"], ["history", "shop"], ["unlock"], ["pin", "shop", "r1"],
        ["unpin", "shop", "r1"], ["activate", "shop", "d1"], ["confirm", "shop", "d1"],
        ["snapshot", "shop", "d1", "/etc/x"], ["revert", "shop", "d1", "why", "not"],
        ["rollback", "shop"], ["rollback", "shop", "r9"], ["cleanup", "shop"], ["boot"],
        ["watchdog", "shop", "d1"],
    ):  # fmt: skip
        run_by_hand(host, *words)
    for says in ("", "{", "[]", "{}", '{"id": "../x"}', '{"id": "d1", "ttl": "long"}'):
        run_by_hand(host, "begin", "shop", says=says)


def life(host: RecordedShop) -> None:
    """A first deploy, a second one, and all that a person may ask in between."""
    host.deploy(OLD)
    host.settle()
    for words in (
        ["status"],
        ["status", "shop"],
        ["history", "shop"],
        ["history", "shop", "--json"],
    ):
        host.run(*words)
    host.deploy(NEW)
    host.settle()
    host.deploy(Version("v3", "keen", once="once-1"))
    host.settle()
    host.run("status")
    host.run("history", "shop", "2")


def twice(host: RecordedShop) -> None:
    """A deploy in the midst of another, and steps out of their turn."""
    host.deploy(OLD)
    host.settle()
    name = host.begin()
    for id_ in (name, "other"):
        run_by_hand(host, "begin", "shop", says=json.dumps({"id": id_, "who": "ann@desk"}))
        run_by_hand(host, "confirm", "shop", id_)
        run_by_hand(host, "snapshot", "shop", id_, "/etc/homeport/shop/environment", "relative")
        run_by_hand(host, "activate", "shop", id_, says="{")
        run_by_hand(host, "activate", "shop", id_, says="{}")
    run_by_hand(host, "rollback", "shop")
    run_by_hand(host, "status")
    run_by_hand(host, "cleanup", "shop")
    run_by_hand(host, "revert", "shop", "other", "by", "error")
    run_by_hand(host, "revert", "shop", name, "somebody", "wants", "it")
    run_by_hand(host, "revert", "shop", name, "once", "more")
    run_by_hand(host, "confirm", "shop", name)


def failing(manner: str) -> Callable[[RecordedShop], None]:
    """Return a deploy of a release that behaves in this manner."""

    def fails(host: RecordedShop) -> None:
        host.deploy(OLD)
        host.settle()
        host.systemd.manners["v2"] = manner
        host.deploy(Version("v2", "keen", once="once-1"))
        host.settle()
        host.run("status")
        host.run("history", "shop")

    return fails


def cut_off(host: RecordedShop) -> None:
    """A deploy that nobody confirms: by the clock, and by a boot."""
    host.deploy(OLD)
    host.settle()
    host.deploy(NEW, confirm=False)
    host.clock.passed += 1000
    run_by_hand(host, "watchdog", "shop", "d2")
    host.run("status")
    host.deploy(NEW, confirm=False)
    host.say("it reboots")
    host.reboot()
    host.run("status")
    host.run("history", "shop")
    host.ship(NEW)
    host.write(host.begin(), NEW)
    host.clock.passed += 2000
    run_by_hand(host, "begin", "shop", says=json.dumps({"id": "d9", "who": "ann@desk"}))
    host.run("status")


def back(host: RecordedShop) -> None:
    """A rollback, by hand and held, and those that can't be."""
    host.deploy(OLD)
    host.settle()
    run_by_hand(host, "rollback", "shop")
    host.deploy(NEW)
    host.settle()
    run_by_hand(host, "rollback", "shop", "nothing")
    run_by_hand(host, "rollback", "shop", "v1", "--user", "eve@desk")
    host.settle()
    run_by_hand(host, "rollback", "shop", "v2", "--deploy-id", "r1", "--user", "eve@desk")
    host.run("status")
    run_by_hand(host, "confirm", "shop", "r1")
    host.settle()
    host.deploy(Version("v4", data=2))
    host.settle()
    run_by_hand(host, "rollback", "shop")
    run_by_hand(host, "rollback", "shop", "v2", "--force")
    host.settle()
    host.systemd.manners["v1"] = "crashes"
    run_by_hand(host, "rollback", "shop", "v1", "--force")
    host.run("history", "shop")


def locks(host: RecordedShop) -> None:
    """Locks and pins."""
    host.deploy(OLD)
    host.settle()
    host.run("lock", "the disk is changed", "--user", "eve")
    run_by_hand(host, "begin", "shop", says=json.dumps({"id": "d5", "who": "ann@desk"}))
    host.run("status")
    host.run("unlock")
    host.run("lock", "it is Friday", "--for", "3h", "--user", "eve")
    host.run("lock", "again", "--for", "30m", "--user", "ann")
    run_by_hand(host, "begin", "shop", says=json.dumps({"id": "d5", "who": "ann@desk"}))
    host.clock.passed += 3 * 3600
    host.run("status")
    host.run("unlock")
    for words in (["pin", "shop", "v1"], ["pin", "shop", ".."], ["unpin", "shop", "v1"],
                  ["unpin", "shop", "v1"]):  # fmt: skip
        host.run(*words)


def spoilt(host: RecordedShop) -> None:
    """Files of the program's own that can't be read."""
    host.deploy(OLD)
    host.settle()
    host.place.lock.write_text("{")
    host.run("status")
    run_by_hand(host, "begin", "shop", says=json.dumps({"id": "d5", "who": "ann@desk"}))
    host.run("unlock")
    name = host.begin()
    (host.place.own / "journal").write_text("{torn")
    host.run("status")
    run_by_hand(host, "confirm", "shop", name)
    run_by_hand(host, "revert", "shop", name, "it is torn")
    host.run("boot")
    host.run("status")


SCENARIOS: dict[str, Callable[[RecordedShop], None]] = {
    "usage": usage,
    "refused": refused,
    "life": life,
    "out of turn": twice,
    **{f"a release that {m}": failing(m) for m in ("crashes", "deaf", "late", "falls", "hurts")},
    "a command that fails once": failing("fails once"),
    "cut off": cut_off,
    "rollback": back,
    "locks and pins": locks,
    "spoilt": spoilt,
}


def transcript(name: str, scratch: Path) -> str:
    """Return what is called, said and left in one scenario."""
    root = scratch / name.replace(" ", "-")
    (root / "proc").mkdir(parents=True)
    (root / "host" / UNITS).mkdir(parents=True)
    host = RecordedShop(root / "host")
    PLACES[str(root / "host")] = ""
    with _unsynced(root / "proc"):
        SCENARIOS[name](host)
    return "".join(host.calls) + "--- and on the host lies\n" + host.left()


@contextmanager
def _unsynced(proc: Path) -> Iterator[None]:
    with (
        mock.patch.object(atomic_files, "fsync", lambda opened: None),
        mock.patch.object(in_use, "PROC", proc),
    ):
        yield
    atomic_files.free_space_hooks.clear()
