"""The same code is the same artifact, and nothing else gets in."""

from __future__ import annotations

import os
import stat
import struct
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.artifacts import Lock, Pinned, Target, build_artifact, package_artifact
from homeport.artifacts import pack as pack_module
from homeport.artifacts.source_tree import TreeEntry
from homeport.errors import UserError

Files = dict[str, tuple[bytes, bool]]
PI = Target("arm64", "3.11", "12")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "__init__.py").write_text("name = 'shop'\n")
    (root / "wsgi.py").write_text("import shop\n")
    return root


def _names(path: Path) -> list[str]:
    with tarfile.open(path) as archive:
        return archive.getnames()


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
        file.chmod((0o700 if time else 0o775) if executable else (0o600 if time else 0o664))
        os.utime(file, (time, time))


@settings(max_examples=40, deadline=None)
@given(FILES, st.randoms())
def test_the_same_files_are_the_same_bytes_wherever_and_whenever(
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
def test_another_content_mode_or_name_is_another_artifact(files: Files, chance: Random) -> None:
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


def test_the_packed_files_are_nobodys_and_from_no_time(tree: Path, cache: Path) -> None:
    (tree / "run.sh").write_text("#!/bin/sh\n")
    (tree / "run.sh").chmod(0o771)
    artifact = build_artifact(tree, cache=cache)
    with tarfile.open(artifact.path) as archive:
        members = archive.getmembers()
    magic, flags, time = struct.unpack("<3sBL", artifact.path.read_bytes()[:8])
    assert (magic, flags, time) == (b"\x1f\x8b\x08", 0, 0)
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", 0)}
    assert {m.name: oct(m.mode) for m in members} == {
        "run.sh": "0o755",
        "shop": "0o755",
        "shop/__init__.py": "0o644",
        "wsgi.py": "0o644",
    }


def test_an_artifact_says_what_can_be_imported_and_how_big_it_is(tree: Path, cache: Path) -> None:
    artifact = build_artifact(tree, cache=cache)
    assert artifact.modules == ("shop", "wsgi")
    assert artifact.size == artifact.path.stat().st_size
    assert artifact.path == cache / "artifacts" / f"{artifact.id}.tar.gz"


def test_a_host_finds_the_tree_digest_with_sha256sum(tree: Path, cache: Path) -> None:
    for name in ("shop.py", "_b", "é.py", "back\\slash"):
        (tree / name).write_text(name)
    (tree / "link").symlink_to("wsgi.py")
    script = 'printf %s "$(find . -type f -print0 | sort -z | xargs -0 sha256sum)" | sha256sum'
    said = subprocess.run(
        ["sh", "-c", script],
        cwd=tree,
        env={**os.environ, "LC_ALL": "C"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.split()[0] == build_artifact(tree, cache=cache).tree_digest


def test_secrets_caches_and_history_never_leave_the_controller(tree: Path, cache: Path) -> None:
    clean = build_artifact(tree, cache=cache)
    for name in (".env", ".env.local", "shop/.env", "x.pyc", ".DS_Store", ".wsgi.py.swp"):
        (tree / name).write_text("secret")
    for name in (".git", ".venv", "venv", "node_modules", "shop/__pycache__", "shop.egg-info"):
        (tree / name).mkdir()
        (tree / name / "inside").write_text("secret")
    assert build_artifact(tree, cache=cache).id == clean.id


def test_exclude_takes_names_anywhere_and_paths_from_the_root(tree: Path, cache: Path) -> None:
    for name in ("data/big.bin", "shop/data/small.json", "notes.md", "shop/notes.md"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).touch()
    artifact = build_artifact(tree, ["/data", "*.md"], cache)
    assert [name for name in _names(artifact.path) if "data" in name or "notes" in name] == [
        "shop/data",
        "shop/data/small.json",
    ]


def test_an_artifact_in_the_cache_is_not_packed_again(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = build_artifact(tree, cache=cache)
    monkeypatch.delattr("homeport.artifacts.artifact.pack")
    assert build_artifact(tree, cache=cache) == artifact


def test_nothing_is_left_in_the_cache_but_artifacts(tree: Path, cache: Path) -> None:
    artifact = build_artifact(tree, cache=cache)
    assert [path for path in cache.rglob("*") if path.is_file()] == [artifact.path]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_what_a_killed_run_left_is_swept_away_a_day_later(tree: Path, cache: Path) -> None:
    old, young = cache / "tmp" / "old", cache / "tmp" / "young"
    for left in (old, young):
        left.mkdir(parents=True)
        (left / "half.whl").touch()
    os.utime(old, (0, 0))
    build_artifact(tree, cache=cache)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "shop/../../shop/wsgi.py"])
def test_a_link_out_of_the_tree_is_refused(tree: Path, cache: Path, target: str) -> None:
    (tree / "link").symlink_to(target)
    with pytest.raises(UserError, match="shop/link: is a link out of the tree"):
        build_artifact(tree, cache=cache)


def test_an_absolute_link_is_refused_even_to_the_tree_itself(tree: Path, cache: Path) -> None:
    (tree / "link").symlink_to(tree / "wsgi.py")
    with pytest.raises(UserError, match="shop/link: is a link out of the tree"):
        build_artifact(tree, cache=cache)


def test_a_link_that_leaves_through_another_link_is_refused(tree: Path, cache: Path) -> None:
    (tree / "shop" / "top").symlink_to("..")
    (tree / "link").symlink_to("shop/top/../outside")
    with pytest.raises(UserError, match="shop/link: is a link out of the tree"):
        build_artifact(tree, cache=cache)


def test_a_link_to_what_is_not_deployed_is_refused(tree: Path, cache: Path) -> None:
    (tree / "node_modules").mkdir()
    (tree / "node_modules" / "site.js").touch()
    (tree / "site.js").symlink_to("node_modules/site.js")
    with pytest.raises(UserError, match=r"site\.js: is a link to node_modules/site.js, which"):
        build_artifact(tree, cache=cache)


def test_links_within_the_tree_stay_links(tree: Path, cache: Path) -> None:
    (tree / "shop" / "main.py").symlink_to("../wsgi.py")
    (tree / "alias").symlink_to("shop")
    with tarfile.open(build_artifact(tree, cache=cache).path) as archive:
        links = {m.name: m.linkname for m in archive.getmembers() if m.issym()}
    assert links == {"shop/main.py": "../wsgi.py", "alias": "shop"}


@pytest.mark.parametrize("bit", [stat.S_ISUID, stat.S_ISGID])
def test_a_setuid_file_is_refused(tree: Path, cache: Path, bit: int) -> None:
    (tree / "wsgi.py").chmod(0o755 | bit)
    with pytest.raises(UserError, match=r"wsgi\.py: is setuid or setgid"):
        build_artifact(tree, cache=cache)


def test_a_pipe_is_refused(tree: Path, cache: Path) -> None:
    os.mkfifo(tree / "pipe")
    with pytest.raises(UserError, match="pipe: is a socket, a pipe or a device"):
        build_artifact(tree, cache=cache)


def test_a_name_that_is_not_utf_8_is_refused_and_shown(tree: Path, cache: Path) -> None:
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xe9.py")).touch()
    with pytest.raises(UserError, match=r"caf\\udce9\.py: has a name that isn't UTF-8"):
        build_artifact(tree, cache=cache)


def test_a_name_of_two_lines_is_refused_in_one(tree: Path, cache: Path) -> None:
    (tree / "a\nb").touch()
    with pytest.raises(UserError, match=r"a\\nb: has a control character in its name"):
        build_artifact(tree, cache=cache)


def test_a_tree_with_nothing_to_deploy_is_refused(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    with pytest.raises(UserError, match="there are no files to deploy"):
        build_artifact(tmp_path / "empty", cache=cache)
    with pytest.raises(UserError, match="there is no such directory"):
        build_artifact(tmp_path / "nowhere", cache=cache)


@pytest.mark.parametrize("content", ["import shop, os\n", "", "import shoq\n"])
def test_a_file_that_changes_under_our_hands_is_not_packed(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    directories = pack_module._directories

    def edit(entries: Iterable[TreeEntry]) -> list[str]:
        (tree / "wsgi.py").write_text(content)
        return directories(entries)

    monkeypatch.setattr(pack_module, "_directories", edit)
    with pytest.raises(UserError, match=r"wsgi\.py: this file changed"):
        build_artifact(tree, cache=cache)
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_an_application_that_is_a_package_is_an_artifact_that_names_it(cache: Path) -> None:
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
def test_an_application_that_the_lock_does_not_pin_is_a_mistake(
    cache: Path, version: str, pinned: str | None, says: str
) -> None:
    lock = Lock.of([Pinned("shop", pinned, ("a" * 64,))] if pinned else [], PI)
    with pytest.raises(UserError, match=says):
        package_artifact("shop", version, lock, cache)
