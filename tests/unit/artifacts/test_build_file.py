"""A build is the code and the lock that it was made of, to the byte, or it is refused."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.artifacts import (
    Artifact,
    PythonPlatform,
    build_artifact,
    read_lock,
)
from homeport.artifacts.build_file import read_build, write_build
from homeport.artifacts.signature import sign
from homeport.errors import UserError

LOCK = f"flask==3.1.2 --hash=sha256:{'a' * 64}\n"
TARGETS = [PythonPlatform(architecture, "3.11", "12") for architecture in ("amd64", "arm64")]


@pytest.fixture
def made(tmp_path: Path) -> Artifact:
    tree = tmp_path / "tree"
    (tree / "shop").mkdir(parents=True)
    (tree / "shop/__init__.py").write_text("")
    (tree / "start").write_text("#!/bin/sh\n")
    (tree / "start").chmod(0o755)
    (tree / "also").symlink_to("start")
    return build_artifact(tree, cache=tmp_path / "cache")


def write_build_file(
    made: Artifact, file: Path, lock: str | None = LOCK, name: str = "shop"
) -> Path:
    write_build(file, name, made, lock, cache=made.path.parents[1])
    return file


def test_build_file__another_machine_has_what_was_built(made: Artifact, tmp_path: Path) -> None:
    file = write_build_file(made, tmp_path / "builds/shop.tar.gz")
    there = read_build(file, cache=tmp_path / "another")
    assert (there.name, there.artifact.id) == ("shop", made.id)
    assert there.artifact.path.read_bytes() == made.path.read_bytes()
    assert there.artifact.programs == made.programs == ("also", "start")
    (tmp_path / "requirements.txt").write_text(LOCK)
    for target in TARGETS:
        of_source = read_lock(tmp_path / "requirements.txt", target)
        assert read_lock(there.requirements, target) == of_source


def test_build_file__the_same_is_the_same_bytes(made: Artifact, tmp_path: Path) -> None:
    one, other = (
        write_build_file(made, tmp_path / name / "shop.tar.gz") for name in ("one", "other")
    )
    assert one.read_bytes() == other.read_bytes()
    assert [path.name for path in one.parent.iterdir() if path.is_file()] == ["shop.tar.gz"]


def test_build_file__it_says_what_it_was_made_of(made: Artifact, tmp_path: Path) -> None:
    file = write_build_file(
        replace(made, commit="c" * 40, dirty=True, changes=("start",)), tmp_path / "b"
    )
    there = read_build(file, cache=tmp_path / "another").artifact
    assert (there.commit, there.dirty, there.changes) == ("c" * 40, True, ())


def test_build_file__without_a_lock_there_is_none(made: Artifact, tmp_path: Path) -> None:
    assert (
        read_build(write_build_file(made, tmp_path / "b", None), tmp_path / "c").requirements
        is None
    )


def spoil(file: Path, change: Callable[[Path], object]) -> None:
    room = file.parent / "room"
    with tarfile.open(file) as archive:
        archive.extractall(room, filter="data")
    change(room)
    with tarfile.open(file, "w:gz") as archive:
        archive.add(room, ".")


def facts(room: Path, **other: object) -> None:
    known = json.loads((room / "build.json").read_text())
    (room / "build.json").write_text(json.dumps({**known, **other}))


def another_lock(room: Path) -> None:
    (room / "requirements.txt").write_text(LOCK.replace("a", "b"))


def a_link(name: str) -> Callable[[Path], None]:
    def spoil(room: Path) -> None:
        aside = room.parent / f"aside-{name}"
        (room / name).rename(aside)
        (room / name).symlink_to(aside)

    return spoil


SPOILT = {
    "another lock": (another_lock, "its lock is not what was built"),
    "no lock": (lambda room: (room / "requirements.txt").unlink(), "its lock is not what was"),
    "a link for the lock": (a_link("requirements.txt"), "requirements.txt is a link or no file"),
    "a link for the facts": (a_link("build.json"), "build.json is a link or no file"),
    "a link for the code": (a_link("source"), "source is a link or no file"),
    "more than that": (lambda room: (room / "more").write_text(""), "has 'more' besides code"),
    "a commit that is an option": (lambda room: facts(room, commit="--x"), "its commit is none"),
    "deep facts": (lambda room: (room / "build.json").write_text("[" * 99999), "not an artifact"),
    "code that was edited": (lambda room: (room / "source/start").write_text("x"), "was built"),
    "a lock without end": (
        lambda room: os.truncate(room / "requirements.txt", (16 << 20) + 1),
        "requirements.txt is too large",
    ),
    "a lock that is no text": (
        lambda room: (room / "requirements.txt").write_bytes(b"\xff"),
        "not an artifact",
    ),
    "a mode": (lambda room: (room / "source/start").chmod(0o644), "was built"),
    "another's facts": (lambda room: facts(room, artifact="0" * 64), "was built"),
    "no facts": (lambda room: (room / "build.json").unlink(), "not an artifact"),
    "facts of no kind": (lambda room: (room / "build.json").write_text("[]"), "not an artifact"),
    "half of the facts": (lambda room: (room / "build.json").write_text("{}"), "not an artifact"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_build_file__what_was_not_built_so_is_refused(
    fault: str, made: Artifact, tmp_path: Path
) -> None:
    change, message = SPOILT[fault]
    file = write_build_file(made, tmp_path / "shop.tar.gz")
    spoil(file, change)
    with pytest.raises(UserError) as refused:
        read_build(file, cache=tmp_path / "another")
    assert message in str(refused.value)
    assert str(file) in str(refused.value)
    assert "python -m homeport.build" in str(refused.value)


def test_build_file__its_name_has_the_id_of_what_is_in_it(made: Artifact, tmp_path: Path) -> None:
    file = write_build_file(made, tmp_path / f"shop-{made.id[:12]}.tar.gz")
    assert read_build(file, cache=tmp_path / "c").artifact.id == made.id
    other = file.rename(tmp_path / "shop-0123456789ab.tar.gz")
    with pytest.raises(UserError, match="its name is that of artifact 0123456789ab, and its code"):
        read_build(other, cache=tmp_path / "c")


def test_build_file__with_allowed_signers_only_what_one_of_them_signed_is_read(
    made: Artifact, tmp_path: Path
) -> None:
    key, signers = tmp_path / "key", tmp_path / "allowed_signers"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    signers.write_text(f"build@example.org {key.with_suffix('.pub').read_text()}")
    file = write_build_file(made, tmp_path / "shop.tar.gz")
    with pytest.raises(UserError, match="it is not signed"):
        read_build(file, tmp_path / "c", signers)
    sign(file, key)
    assert read_build(file, tmp_path / "c", signers).artifact.id == made.id
    spoil(file, lambda room: facts(room, dirty=True))
    assert read_build(file, tmp_path / "c").artifact.dirty, "it is a build, but not what was signed"
    with pytest.raises(UserError, match="it is not what was signed"):
        read_build(file, tmp_path / "c", signers)


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_build_file__what_is_no_build_is_refused(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar.gz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(
        UserError, match="not an artifact" if content is not None else "no such file"
    ):
        read_build(file, cache=tmp_path / "cache")


def test_build_file__a_place_that_can_not_be_written_is_told(
    made: Artifact, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="can't be written"):
        write_build_file(made, tmp_path / "file/shop.tar.gz")
