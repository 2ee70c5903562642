"""The probe of files, run for real: what it says is what is there, as Python's own eyes see it."""

from __future__ import annotations

import base64
import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeport.engine.kind import ProbeError
from homeport.files import probe as probing
from homeport.files.entries import Absent, Directory, Entry, File, FileState, Link
from homeport.files.managed_set import ManagedSetState
from tests.support.real_shell import SHELLS, checked, is_shell, run

KEY = "0123456789abcdef"
each_shell = pytest.mark.parametrize("shell", SHELLS)


def probe(
    entries: Sequence[Entry], ledger: Path, shell: Sequence[str] = ("sh",)
) -> ManagedSetState:
    text = checked(probing.probe(entries, str(ledger), KEY), shell)
    seen, listed, left = probing.parse(text)
    return ManagedSetState(seen, tuple(listed), tuple(left), KEY)


def eyes(path: Path) -> FileState:
    """What Python sees at a path: all of ``FileState`` but the digest and the body."""
    info = path.lstat()
    types = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l", stat.S_IFIFO: "p"}
    kind = types[stat.S_IFMT(info.st_mode)]
    owner, group = pwd.getpwuid(info.st_uid).pw_name, grp.getgrgid(info.st_gid).gr_name
    target = str(path.readlink()) if kind == "l" else ""
    return FileState(kind, f"{stat.S_IMODE(info.st_mode):o}", owner, group, target)


def without_content(seen: FileState) -> FileState:
    return FileState(seen.type, seen.mode, seen.owner, seen.group, seen.target)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "var" / "ledger"


@each_shell
def test_file_probe__it_sees_what_is_there(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "file").chmod(0o640)
    (tmp_path / ".hidden").touch()
    (tmp_path / "folder").mkdir(0o750)
    (tmp_path / "sticky").mkdir()
    (tmp_path / "sticky").chmod(0o1777)
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("/no/such place")
    (tmp_path / "to-folder").symlink_to(tmp_path / "folder")
    os.mkfifo(tmp_path / "pipe")
    paths = sorted(tmp_path.iterdir())
    state = probe([Absent(str(path)) for path in paths], ledger, shell)
    assert {Path(path): without_content(seen) for path, seen in state.seen.items()} == {
        path: eyes(path) for path in paths
    }


@each_shell
def test_file_probe__a_path_that_is_not_there_is_not_seen(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "file").touch()
    entries = [
        File(f"{tmp_path}/missing", b""),
        File(f"{tmp_path}/missing/deep/er", b""),
        File(f"{tmp_path}/file/not-a-folder", b""),
        Directory(f"{tmp_path}/no"),
        Link(f"{tmp_path}/none", "x"),
    ]
    assert probe(entries, ledger, shell) == ManagedSetState({}, (), (), KEY)


@each_shell
def test_file_probe__nothing_described_is_nothing_found(ledger: Path, shell: Sequence[str]) -> None:
    assert probe([], ledger, shell) == ManagedSetState({}, (), (), KEY)


contents = st.one_of(
    st.binary(max_size=80), st.text(max_size=40).map(lambda text: text.encode("utf-8", "ignore"))
)


@each_shell
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actual=contents, wanted=contents, secret=st.booleans())
def test_file_probe__content_is_told_apart_to_the_byte(
    actual: bytes, wanted: bytes, secret: bool, tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(actual)
    seen = probe([File(str(path), wanted, secret=secret)], ledger, shell).seen[str(path)]
    digest = hashlib.sha256(actual).hexdigest()
    if secret:
        assert seen.digest == hashlib.sha256(f"{KEY}{digest}".encode()).hexdigest()
        assert seen.body is None
    else:
        assert seen.digest == digest
        assert seen.body == (None if actual == wanted else actual)


@each_shell
def test_file_probe__a_secret_leaves_the_host_in_no_form_that_can_be_guessed_at(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"hunter2")
    entries = [File(str(path), b"hunter3", secret=True)]
    output = checked(probing.probe(entries, str(ledger), KEY), shell)
    script = probing.probe(entries, str(ledger), KEY)
    for word in (b"hunter2", b"hunter3"):
        for form in (word.decode(), base64.b64encode(word).decode(),
                     hashlib.sha256(word).hexdigest()):  # fmt: skip
            assert form not in output
            assert form not in script


@each_shell
@pytest.mark.parametrize(
    ("size", "fetched"),
    [(probing.SHOWN - 1, True), (probing.SHOWN, True), (probing.SHOWN + 1, False), (10**6, False)],
)
def test_file_probe__a_large_file_is_measured_against_its_hash_and_not_fetched(
    size: int, fetched: bool, tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"\xff" * size)
    seen = probe([File(str(path), b"small")], ledger, shell).seen[str(path)]
    assert seen.digest == hashlib.sha256(b"\xff" * size).hexdigest()
    assert seen.body == (b"\xff" * size if fetched else None)


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600])
def test_file_probe__what_only_few_might_read_on_the_host_is_not_fetched_whatever_is_described(
    mode: int, tmp_path: Path, ledger: Path
) -> None:
    (tmp_path / "file").write_text("it was a secret")
    (tmp_path / "file").chmod(mode)
    entries = [File(f"{tmp_path}/file", b"new"), File(f"{tmp_path}/other", b"")]
    (tmp_path / "other").write_text("old")
    found = probe(entries, ledger).seen
    assert found[f"{tmp_path}/file"].body is None
    assert found[f"{tmp_path}/file"].digest == hashlib.sha256(b"it was a secret").hexdigest()
    assert found[f"{tmp_path}/other"].body == b"old"


def test_file_probe__what_is_as_described_costs_no_transfer(tmp_path: Path, ledger: Path) -> None:
    (tmp_path / "same").write_text("as described")
    entries = [File(f"{tmp_path}/same", b"as described")]
    assert "body" not in checked(probing.probe(entries, str(ledger), KEY))


@each_shell
def test_file_probe__a_link_in_the_place_of_a_file_is_not_followed(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "elsewhere").write_text("not ours to read")
    (tmp_path / "file").symlink_to("elsewhere")
    for secret in (False, True):
        entries = [File(f"{tmp_path}/file", b"ours", secret=secret)]
        seen = probe(entries, ledger, shell).seen[f"{tmp_path}/file"]
        assert (seen.type, seen.target, seen.digest, seen.body) == ("l", "elsewhere", "", None)


@each_shell
def test_file_probe__what_the_ledger_names_is_looked_at_too(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "left").touch()
    (tmp_path / "stranger").touch()
    ledger.parent.mkdir()
    ledger.write_text(f"version 1\n{tmp_path}/gone\n{tmp_path}/left\n{tmp_path}/stays\n")
    state = probe([File(f"{tmp_path}/stays", b"")], ledger, shell)
    assert state.ledger == (f"{tmp_path}/gone", f"{tmp_path}/left", f"{tmp_path}/stays")
    assert list(state.seen) == [f"{tmp_path}/left"]


@each_shell
def test_file_probe__a_path_both_described_and_in_the_ledger_is_seen_once_and_whole(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "file").write_text("old")
    ledger.parent.mkdir()
    ledger.write_text(f"version 1\n{tmp_path}/file\n")
    state = probe([File(f"{tmp_path}/file", b"new")], ledger, shell)
    assert state.seen[f"{tmp_path}/file"].body == b"old"


@each_shell
@pytest.mark.parametrize("line", ["*", "/*", "$(touch /tmp/hacked)", "`id`", "~", ";id"])
def test_file_probe__a_ledger_that_was_tampered_with_runs_nothing_and_names_no_more(
    line: str, tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    ledger.parent.mkdir()
    ledger.write_text(f"version 1\n{line}\n")
    state = probe([], ledger, shell)
    assert state.ledger == (line,)
    assert state.seen == {}


@each_shell
@pytest.mark.parametrize("version", ["", "version 2\n"])
def test_file_probe__a_ledger_of_another_version_is_refused(
    version: str, tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    ledger.parent.mkdir()
    ledger.write_text(f"{version}{tmp_path}/file\n")
    with pytest.raises(ProbeError, match="and this homeport knows 1 alone"):
        probe([], ledger, shell)


@each_shell
def test_file_probe__a_staging_directory_left_by_a_dead_deploy_is_found(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    stages = [tmp_path / ".homeport-stage", tmp_path / "var/.homeport-stage"]
    for stage in stages:
        stage.mkdir(parents=True)
    state = probe([File(f"{tmp_path}/{name}", b"") for name in "ab"], ledger, shell)
    assert state.left == tuple(str(stage) for stage in stages)


@each_shell
def test_file_probe__a_staging_directory_is_found_beside_what_left_the_description(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "old/.homeport-stage").mkdir(parents=True)
    ledger.parent.mkdir()
    ledger.write_text(f"version 1\n{tmp_path}/old\n{tmp_path}/old/a\n{tmp_path}/old/b\n")
    assert probe([], ledger, shell).left == (f"{tmp_path}/old/.homeport-stage",)


@each_shell
def test_file_probe__a_look_changes_nothing(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("x")
    ledger.parent.mkdir()
    ledger.write_text(f"version 1\n{tmp_path}/folder\n{tmp_path}/none\n")
    before = {path: (path.stat().st_mtime_ns, eyes(path)) for path in tmp_path.rglob("*")}
    probe([File(f"{tmp_path}/folder/file", b"y"), File(f"{tmp_path}/n", b"")], ledger, shell)
    assert before == {path: (path.stat().st_mtime_ns, eyes(path)) for path in tmp_path.rglob("*")}


@each_shell
def test_file_probe__a_file_that_can_not_be_read_fails_the_look(
    tmp_path: Path, ledger: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "file").touch()
    script = probing.probe([File(f"{tmp_path}/file", b"")], str(ledger), KEY)
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "sha256sum").write_text("#!/bin/sh\nexit 1\n")
    (broken / "sha256sum").chmod(0o755)
    path = f"{broken}:/usr/bin:/bin"
    assert run(f"set -eu\n{script}", shell, path).returncode != 0
    assert run(f"set -eu\n{script}", shell).returncode == 0


@pytest.mark.parametrize(
    "text",
    ["at\t/x", "at\t/x\tf\t644\troot\troot", "what\t/x", "/x", "", " ", "sum\t", "sum",
     "body\t/x\t*", "body\t/x\tYQ", "kept\t/x\ty"],
)  # fmt: skip
def test_file_probe__a_line_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises((ProbeError, ValueError)):
        probing.parse(f"kept\t/a\n{text}\nkept\t/b\n")


def test_probe_is_shell_whatever_is_described() -> None:
    for entries in ([], [Absent("/x")], [File("/x", b"a")], [File("/x", b"a", secret=True)]):
        is_shell(probing.probe(entries, "/var/ledger", KEY))
