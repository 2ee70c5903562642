"""What templates.host_programs.record-start promises."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.host_programs import host_program
from tests.support.host_shells import each_shell

# record-start


def record(
    tmp_path: Path, *arguments: str, shell: Sequence[str] = ("sh",), invocation: str | None = "i1"
) -> subprocess.CompletedProcess[str]:
    text = host_program("record-start").decode()
    program = tmp_path / "record-start"
    for place, here in (
        ("/run/homeport", "run/homeport"),
        ("/etc/homeport", "etc"),
        ("/etc/systemd/system", "system"),
    ):
        assert place in text
        text = text.replace(place, f"{tmp_path}/{here}")
    program.write_text(text)
    (tmp_path / "run").mkdir(exist_ok=True)
    env = {
        "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
        **({"INVOCATION_ID": invocation} if invocation else {}),
    }
    return subprocess.run(
        [*shell, str(program), *arguments], env=env, capture_output=True, text=True
    )


@each_shell
def test_record__a_start_is_recorded_with_all_that_it_reads(
    shell: Sequence[str], tmp_path: Path
) -> None:
    (tmp_path / "r1").mkdir()
    (tmp_path / "v1").mkdir()
    (tmp_path / "r1/venv").symlink_to("../v1")
    (tmp_path / "current").symlink_to(f"{tmp_path}/r1")
    (tmp_path / "env").write_bytes(b"A=1")
    paths = [f"{tmp_path}/{name}" for name in ("current", "current/venv", "env")]
    done = record(tmp_path, "web.service", "abcd", *paths, shell=shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = tmp_path / "run/homeport/web.service"
    assert written.read_text().splitlines() == [
        "invocation i1",
        "unit abcd",
        f"target {tmp_path}/r1 {paths[0]}",
        f"inode {(tmp_path / 'r1').stat().st_ino} {paths[0]}",
        f"target ../v1 {paths[1]}",
        f"inode {(tmp_path / 'v1').stat().st_ino} {paths[1]}",
        f"sha256 {hashlib.sha256(b'A=1').hexdigest()} {paths[2]}",
    ]
    assert written.stat().st_mode & 0o777 == 0o600
    assert written.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in written.parent.iterdir()] == ["web.service"]


class Slots:
    """Two slots of the application shop, below a folder, and what they were made from."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "srv/shop"
        for release, venv in (("r1", "v1"), ("r2", "v2")):
            (self.home / "releases" / release).mkdir(parents=True)
            (self.home / "venvs" / venv).mkdir(parents=True)
            (self.home / "releases" / release / "venv").symlink_to(f"../../venvs/{venv}")
        self.write("etc/shop", "described")
        (self.home / "current").symlink_to(self.home / "releases/r2")
        for slot in "ab":
            self.write(f"srv/shop/slots/{slot}/etc", f"frozen in {slot}")
            (self.home / f"slots/{slot}/release").symlink_to("../../releases/r1")
            self.text(f"system/shop-web@{slot}.service", f"loaded in {slot}")
        self.text("srv/shop/bin/run", "run")

    def write(self, place: str, text: str) -> None:
        for name in ("environment", "units/shop-web@.service"):
            self.text(f"{place}/{name}", f"{name}, {text}")

    def text(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def record(self, slot: str, shell: Sequence[str] = ("sh",)) -> list[str]:
        """What a start in a slot keeps, with the folder left out."""
        described = ["srv/shop/current", "srv/shop/current/venv", "etc/shop/environment"]
        described += ["srv/shop/bin/run", "etc/shop/units/shop-web@.service"]
        paths = [f"{self.folder}/{path}" for path in described]
        arguments = ["-s", f"{self.home}/slots/{slot}", f"shop-web@{slot}.service", "abcd", *paths]
        done = record(self.folder, *arguments, shell=shell)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        written = self.folder / f"run/homeport/shop-web@{slot}.service"
        return written.read_text().replace(f"{self.folder}/", "/").splitlines()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@each_shell
def test_a_start_in_a_slot_is_recorded_by_what_the_slot_has_under_the_names_that_are_described(
    shell: Sequence[str], tmp_path: Path
) -> None:
    slots = Slots(tmp_path)
    assert slots.record("b", shell) == [
        "invocation i1",
        "unit abcd",
        "target /srv/shop/releases/r1 /srv/shop/current",
        f"inode {(slots.home / 'releases/r1').stat().st_ino} /srv/shop/current",
        "target ../../venvs/v1 /srv/shop/current/venv",
        f"inode {(slots.home / 'venvs/v1').stat().st_ino} /srv/shop/current/venv",
        f"sha256 {digest('environment, frozen in b')} /etc/shop/environment",
        f"sha256 {digest('run')} /srv/shop/bin/run",
        f"sha256 {digest('loaded in b')} /etc/shop/units/shop-web@.service",
    ]


@each_shell
@pytest.mark.parametrize("name", ["shop-web@a.service", "shop-web@.service", "shop-other.service"])
def test_record__a_drop_in_of_a_slot_or_of_both_is_recorded(
    name: str, shell: Sequence[str], tmp_path: Path
) -> None:
    path = f"/etc/systemd/system/{name}.d/x.conf"
    systemctl = tmp_path / "bin/systemctl"
    systemctl.parent.mkdir()
    systemctl.write_text(f"#!/bin/sh\necho {path}\n")
    systemctl.chmod(0o755)
    dropped = f"dropin - {path}" in Slots(tmp_path).record("a", shell)
    assert dropped is name.startswith("shop-web")


@each_shell
@pytest.mark.parametrize("fault", ["a file is missing", "no invocation", "a link leads nowhere"])
def test_record__a_start_that_can_not_be_recorded_fails_and_the_old_record_stays(
    fault: str, shell: Sequence[str], tmp_path: Path
) -> None:
    record(tmp_path, "web.service", "old")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "env").touch()
    name = {"a file is missing": "none", "a link leads nowhere": "dangling"}.get(fault, "env")
    invocation = None if fault == "no invocation" else "i2"
    done = record(
        tmp_path, "web.service", "new", f"{tmp_path}/{name}", shell=shell, invocation=invocation
    )
    assert done.returncode != 0
    written = (tmp_path / "run/homeport/web.service").read_text()
    assert written == "invocation i1\nunit old\n"


def test_record__one_units_record_is_nothing_to_another(tmp_path: Path) -> None:
    record(tmp_path, "web.service", "a")
    record(tmp_path, "worker.service", "b", invocation="i2")
    written = {path.name: path.read_text() for path in (tmp_path / "run/homeport").iterdir()}
    assert written == {
        "web.service": "invocation i1\nunit a\n",
        "worker.service": "invocation i2\nunit b\n",
    }
