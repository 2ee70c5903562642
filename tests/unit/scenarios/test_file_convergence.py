"""The engine on real directories: look, plan, deliver, and look again."""

from __future__ import annotations

import dataclasses
import grp
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings

from homeport.engine.kind import Change, ProbeOutput
from homeport.files import managed_set
from homeport.files.entries import Entry, File
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import checked
from tests.support.simulated_host import Node, World, apply, descriptions, worlds

pytestmark = as_root
LEDGER = "/var/shop/files"


@contextmanager
def folder() -> Iterator[Path]:
    # A new one for each example: pytest's tmp_path is one for all.
    root = Path(tempfile.mkdtemp(prefix="homeport-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(managed_set, "ledger_path", lambda app, name: f"{root}/var/{app}/{name}")
            yield root
    finally:
        shutil.rmtree(root)


def make(world: World, root: Path) -> None:
    for path, node in world.items():
        place = Path(f"{root}{path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        match node.type:
            case "d":
                place.mkdir()
            case "f":
                place.write_bytes(node.content)
            case "l":
                place.symlink_to(node.target)
            case "p":
                os.mkfifo(place)
        os.lchown(place, pwd.getpwnam(node.owner).pw_uid, grp.getgrnam(node.group).gr_gid)
        if node.type != "l":
            place.chmod(int(node.mode, 8))


def see(root: Path) -> World:
    """What is there, but for the directories that lead to the ledger."""
    types = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l", stat.S_IFIFO: "p"}
    world = {}
    for place in root.rglob("*"):
        info = place.lstat()
        kind = types[stat.S_IFMT(info.st_mode)]
        path = str(place).removeprefix(str(root))
        if path.startswith("/var") and kind == "d" and not path.endswith("-stage"):
            continue
        world[path] = Node(
            kind,
            f"{stat.S_IMODE(info.st_mode):o}",
            pwd.getpwuid(info.st_uid).pw_name,
            grp.getgrgid(info.st_gid).gr_name,
            str(place.readlink()) if kind == "l" else "",
            place.read_bytes() if kind == "f" else b"",
        )
    return world


def below(root: Path, entry: Entry) -> Entry:
    return dataclasses.replace(entry, path=f"{root}{entry.path}")


def plan(entries: list[Entry]) -> list[Change]:
    text = checked(managed_set.probe("shop", "files", entries, "key"))
    return managed_set.diff("shop", "files", entries, managed_set.parse(ProbeOutput(text, "key")))


def rerooted(world: World, root: Path) -> World:
    ledger = world.get(LEDGER)
    if ledger is None:
        return world
    version, *paths = ledger.content.decode().splitlines()
    lines = "".join(f"{line}\n" for line in (version, *(f"{root}{path}" for path in paths)))
    return {**world, LEDGER: dataclasses.replace(ledger, content=lines.encode())}


@settings(max_examples=40)
@given(worlds(LEDGER), descriptions())
def test_what_a_deploy_does_is_what_its_plan_says(world: World, described: list[Entry]) -> None:
    with folder() as root:
        world = rerooted(world, root)
        entries = [below(root, entry) for entry in described]
        make(world, root)
        assert see(root) == world

        changes = plan(entries)
        if changes:
            (command,) = managed_set.apply("shop", "files", changes)
            done = run_command(command)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

        promised = apply({f"{root}{path}": node for path, node in world.items()}, changes)
        assert {f"{root}{path}": node for path, node in see(root).items()} == promised
        assert plan(entries) == []


def test_a_file_edited_by_hand_is_put_back_and_named() -> None:
    with folder() as root:
        entries: list[Entry] = [File(f"{root}/motd", b"hello\n")]
        (command,) = managed_set.apply("shop", "files", plan(entries))
        run_command(command)
        (root / "motd").write_text("hacked\n")
        (root / "motd").chmod(0o666)
        (change,) = plan(entries)
        assert change.reason == "content differs; mode 666, not 644"
        assert change.diff == ("@@ -1 +1 @@", "-hacked", "+hello")
        (command,) = managed_set.apply("shop", "files", [change])
        run_command(command)
        assert plan(entries) == []
        assert (root / "motd").read_text() == "hello\n"
