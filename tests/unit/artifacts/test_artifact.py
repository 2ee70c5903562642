"""The same code is the same artifact, and nothing else gets in."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.artifacts import Lock, Pinned, PythonPlatform, build_artifact, package_artifact
from homeport.errors import UserError
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]


Files = dict[str, tuple[bytes, bool]]
PI = PythonPlatform("arm64", "3.11", "12")


FILES = st.dictionaries(
    st.from_regex(r"(d[a-cé]/){0,2}f[a-cü ]{0,3}", fullmatch=True),
    st.tuples(st.binary(max_size=40), st.booleans()),
    min_size=1,
    max_size=6,
)


def _grow(root: Path, files: Files, time: int) -> None:
    for name, (content, executable) in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod((0o755 if time else 0o775) if executable else (0o644 if time else 0o664))
        os.utime(file, (time, time))


@settings(max_examples=40, deadline=None)
@given(FILES, st.randoms())
def test_artifact__the_same_files_are_the_same_bytes_wherever_and_whenever(
    files: Files, chance: Random
) -> None:
    shuffled = dict(chance.sample(sorted(files.items()), len(files)))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        _grow(Path(one, "tree"), files, 0)
        _grow(Path(other, "elsewhere"), shuffled, 1_000_000_000)
        first = build_artifact(Path(one, "tree"), cache=Path(one, "cache"))
        second = build_artifact(Path(other, "elsewhere"), cache=Path(other, "cache"))
        assert first.id == second.id
        assert first.path.read_bytes() == second.path.read_bytes()


@settings(max_examples=40, deadline=None)
@given(FILES, st.randoms())
def test_artifact__another_content_mode_or_name_is_another_artifact(
    files: Files, chance: Random
) -> None:
    name = chance.choice(sorted(files))
    content, executable = files[name]
    others = [
        {**files, name: (content + b"!", executable)},
        {**files, name: (content, not executable)},
        {**files, f"{name}z": files[name]},
    ]
    with TemporaryDirectory() as room:
        ids = set()
        for number, version in enumerate([files, *others]):
            _grow(Path(room, str(number)), version, 0)
            ids.add(build_artifact(Path(room, str(number)), cache=Path(room, "cache")).id)
        assert len(ids) == 4


def test_artifact_says_what_can_be_imported_and_how_big_it_is(tree: Path, cache: Path) -> None:
    artifact = build_artifact(tree, cache=cache)
    assert artifact.modules == ("shop", "wsgi")
    assert artifact.size == artifact.path.stat().st_size
    assert artifact.path == cache / "artifacts" / f"{artifact.id}.tar.gz"


def test_artifact__a_host_finds_the_tree_digest_with_sha256sum(tree: Path, cache: Path) -> None:
    for name in ("shop.py", "_b", "é.py", "back\\slash"):
        (tree / name).write_text(name)
    (tree / "link").symlink_to("wsgi.py")
    script = 'printf %s "$(find . -type f -print0 | sort -z | xargs -0 sha256sum)" | sha256sum'
    output = subprocess.run(
        ["sh", "-c", script],
        cwd=tree,
        env={**os.environ, "LC_ALL": "C"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert output.split()[0] == build_artifact(tree, cache=cache).tree_digest


def test_artifact__an_application_that_is_a_package_is_an_artifact_that_names_it(
    cache: Path,
) -> None:
    lock = Lock.of([Pinned("my-shop", "1.0", ("a" * 64,))], PI)
    artifact = package_artifact("My_Shop", "1.0.0", lock, cache)
    with tarfile.open(artifact.path) as archive:
        file = archive.extractfile("APPLICATION")
        assert file is not None
        assert file.read() == b"my-shop==1.0\n"
    assert (artifact.modules, artifact.commit, artifact.dirty) == ((), None, False)


@pytest.mark.parametrize(
    ("version", "pinned", "says"),
    [("2.0", "1.0", "is pinned to 1.0"), ("1.0", None, "isn't in it")],
)
def test_artifact__an_application_that_the_lock_does_not_pin_is_an_error(
    cache: Path, version: str, pinned: str | None, says: str
) -> None:
    lock = Lock.of([Pinned("shop", pinned, ("a" * 64,))] if pinned else [], PI)
    with pytest.raises(UserError, match=says):
        package_artifact("shop", version, lock, cache)
