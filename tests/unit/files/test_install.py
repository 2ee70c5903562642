"""A delivery is all or nothing, and what is secret is nobody else's at any moment."""

from __future__ import annotations

import copy
import grp
import io
import json
import os
import pickle
import pprint
import pwd
import signal
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyinfra.api.command import StringCommand
from pyinfra.connectors.util import write_stdin

from homeport.engine.kind import ProbeOutput
from homeport.files import install, probe
from homeport.files import managed_set as group
from homeport.files.entries import Absent, Directory, Entry, File, Link, StaleStaging
from homeport.files.install import BASE64, CHUNK, StdinPayload, decode
from tests.support.real_delivery import as_root, deliver, run_command, sent
from tests.support.real_shell import SHELLS, checked, is_shell

pytestmark = as_root
each_shell = pytest.mark.parametrize("shell", SHELLS)


def ownership(path: Path) -> tuple[str, str, str]:
    info = path.lstat()
    owner, owning = pwd.getpwuid(info.st_uid).pw_name, grp.getgrgid(info.st_gid).gr_name
    return f"{info.st_mode & 0o7777:o}", owner, owning


def listing(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): (
            ownership(path),
            path.lstat().st_ino,
            path.read_bytes() if path.is_file() else None,
        )
        for path in folder.rglob("*")
    }


@each_shell
def test_install__files_arrive_with_owner_mode_and_every_byte(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    contents = {"empty": b"", "text": "grüße\n".encode(), "binary": bytes(range(256)) * 700}
    entries = [
        File(f"{tmp_path}/{name}", content, "640", "nobody", "daemon")
        for name, content in contents.items()
    ]
    done = deliver([Directory(f"{tmp_path}/d", "2750", "daemon", "nogroup"), *entries], shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for name, content in contents.items():
        assert (tmp_path / name).read_bytes() == content
        assert ownership(tmp_path / name) == ("640", "nobody", "daemon")
    assert ownership(tmp_path / "d") == ("2750", "daemon", "nogroup")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["binary", "d", "empty", "text"]


@each_shell
def test_install__a_file_that_was_there_is_replaced_and_not_written_into(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "file").write_text("old")
    before = (tmp_path / "file").open()
    assert deliver([File(f"{tmp_path}/file", b"new")], shell).returncode == 0
    with before:
        assert before.read() == "old"
    assert (tmp_path / "file").read_text() == "new"


@each_shell
def test_install__a_link_in_the_place_of_a_file_is_replaced_and_its_target_left_alone(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "elsewhere").write_text("not ours")
    (tmp_path / "to-file").symlink_to("elsewhere")
    (tmp_path / "to-folder").symlink_to("folder")
    entries = [File(f"{tmp_path}/{name}", b"ours") for name in ("to-file", "to-folder")]
    assert deliver(entries, shell).returncode == 0
    assert (tmp_path / "elsewhere").read_text() == "not ours"
    assert list((tmp_path / "folder").iterdir()) == []
    for name in ("to-file", "to-folder"):
        assert not (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_text() == "ours"


@each_shell
def test_install__links_are_made_and_retargeted(tmp_path: Path, shell: Sequence[str]) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "there").symlink_to("old")
    (tmp_path / "file").write_text("in the way")
    entries = [Link(f"{tmp_path}/{name}", "/no where's") for name in ("there", "new", "file")]
    assert deliver(entries, shell).returncode == 0
    for name in ("there", "new", "file"):
        assert str((tmp_path / name).readlink()) == "/no where's"
    assert list((tmp_path / "old").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "new", "old", "there"]


@each_shell
def test_install__what_is_to_go_goes_and_a_full_directory_stays(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    for name in ("empty", "full", "target"):
        (tmp_path / name).mkdir()
    (tmp_path / "full/theirs").write_text("keep")
    (tmp_path / "target/theirs").write_text("keep")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "dangling").symlink_to("nothing")
    names = ("empty", "full", "file", "link", "dangling", "never-was")
    done = deliver([Absent(f"{tmp_path}/{name}") for name in names], shell)
    assert (done.returncode, done.stderr) == (0, "")
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == ["full", "full/theirs", "target", "target/theirs"]


FAULTS: dict[str, Callable[[str], list[Entry]]] = {
    "its own check": lambda d: [File(f"{d}/a", b"new", check="grep -q good {}")],
    "its check can't run": lambda d: [File(f"{d}/a", b"new", check="no-such-program {}")],
    "a later file's check": lambda d: [File(f"{d}/z", b"bad", check="false {}")],
}


@each_shell
@pytest.mark.parametrize("fault", FAULTS)
def test_install__a_failing_check_leaves_everything_as_it_was(
    fault: str, tmp_path: Path, shell: Sequence[str]
) -> None:
    for name in ("a", "b", "goes"):
        (tmp_path / name).write_text(f"old {name}")
    (tmp_path / "link").symlink_to("a")
    before = listing(tmp_path)
    entries = [
        File(f"{tmp_path}/b", b"new"),
        *FAULTS[fault](str(tmp_path)),
        Absent(f"{tmp_path}/goes"),
        Link(f"{tmp_path}/link", "b"),
    ]
    mark = tmp_path.parent / f"{tmp_path.name}-mark"
    done = deliver(entries, shell, before=f"touch {mark}", after=f"touch {mark}")
    assert done.returncode != 0
    assert listing(tmp_path) == before
    assert not mark.exists()


@each_shell
def test_install__a_group_is_judged_as_a_whole_before_any_of_it_is_in_place(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "a").write_text("old")
    stage = f"{tmp_path}/.homeport-stage"
    check = f"cat {stage}/a {stage}/b {tmp_path}/a >&2; exit 9"
    done = deliver([File(f"{tmp_path}/{n}", n.encode()) for n in "ab"], shell, check=check)
    assert (done.returncode, done.stderr) == (9, "abold")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@each_shell
def test_install__a_check_is_given_the_staged_file_with_its_final_name_owner_and_mode(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    check = "stat -c '%n %a %U:%G %s' {} >&2; false {}"
    entry = File(f"{tmp_path}/sudoers", b"1234", "440", "daemon", "nogroup", check=check)
    done = deliver([entry], shell)
    assert done.stderr == f"{tmp_path}/.homeport-stage/sudoers 440 daemon:nogroup 4\n"


@each_shell
def test_install__a_secret_is_readable_by_nobody_else_at_any_moment(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    secret = File(f"{tmp_path}/secret", b"hunter2", "600", "daemon", "daemon", secret=True)
    permissions = f"stat -c '%a %U %n' {tmp_path}/.homeport-stage {tmp_path}/.homeport-stage/* >&2"
    done = deliver([secret, File(f"{tmp_path}/open", b"")], shell, check=f"{permissions}; exit 1")
    assert done.stderr.splitlines() == [
        f"700 root {tmp_path}/.homeport-stage",
        f"644 root {tmp_path}/.homeport-stage/open",
        f"600 daemon {tmp_path}/.homeport-stage/secret",
    ]


def test_install__neither_the_command_line_nor_the_command_holds_any_content(
    tmp_path: Path,
) -> None:
    entries = [File(f"{tmp_path}/a", b"hunter2", secret=True), File(f"{tmp_path}/b", b"letmein")]
    (command,) = group.apply("shop", "files", group.diff("shop", "files", entries, NOTHING))
    assert isinstance(command, StringCommand)
    shown = f"{command.get_raw_value()} {command!r} {command.connector_arguments!r}"
    for word in ("hunter2", "aHVudGVyMg", "letmein", "bGV0bWVpbg"):
        assert word not in shown


NOTHING = group.ManagedSetState({}, (), (), "key")


@each_shell
@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_install__an_upload_that_breaks_off_changes_nothing(
    share: float, tmp_path: Path, shell: Sequence[str]
) -> None:
    for name in "abc":
        (tmp_path / name).write_text("old")
    before = listing(tmp_path)
    entries = [File(f"{tmp_path}/{name}", os.urandom(9000)) for name in "abc"]
    whole = sent(install.payload(entries))
    # tar pads an archive with zeros, which may be missing.
    content = 4 * (3 * 512 + 3 * 9216) // 3
    done = subprocess.run(
        [*shell, "-c", install.install(entries)],
        input=whole[: int(content * share)],
        capture_output=True,
    )
    assert done.returncode != 0
    assert listing(tmp_path) == before


@each_shell
def test_install__an_upload_that_is_damaged_changes_nothing(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    entries = [File(f"{tmp_path}/a", b"x" * 5000)]
    whole = sent(install.payload(entries))
    for damaged in (b"*" + whole[1:], whole.replace(b"eHh4", b"*h4*", 1), b"", b"\n"):
        done = subprocess.run(
            [*shell, "-c", install.install(entries)], input=damaged, capture_output=True
        )
        assert done.returncode != 0
        assert list(tmp_path.iterdir()) == []


@each_shell
def test_install__the_ledger_is_in_place_before_anything_that_it_names(
    tmp_path: Path, shell: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}")
    (tmp_path / "etc").mkdir()
    entries = [Link(f"{tmp_path}/etc/l", "a"), File(f"{tmp_path}/etc/a", b"1")]
    (command,) = group.apply("shop", "files", group.diff("shop", "files", entries, NOTHING))
    # The first rename is the last thing that this mv does.
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "mv").write_text('#!/bin/sh\n/bin/mv "$@" && kill -9 $PPID\n')
    (broken / "mv").chmod(0o755)
    (tmp_path / "var").mkdir()
    done = run_command(command, shell, f"{broken}:/usr/bin:/bin")
    assert done.returncode != 0
    ledger = tmp_path / "var/shop/files"
    assert ledger.read_text() == f"version 1\n{tmp_path}/etc/a\n{tmp_path}/etc/l\n"
    assert ownership(ledger) == ("600", "root", "root")
    assert ownership(ledger.parent) == ("700", "root", "root")
    assert not (tmp_path / "etc/a").exists()
    assert not (tmp_path / "etc/l").is_symlink()


@each_shell
def test_install__what_an_earlier_delivery_left_goes_before_anything_else(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    stage = tmp_path / "folder/.homeport-stage"
    stage.mkdir(parents=True)
    (stage / "file").write_text("half")
    entries = [Absent(f"{tmp_path}/gone"), StaleStaging(str(stage))]
    assert deliver(entries, shell).returncode == 0
    assert list((tmp_path / "folder").iterdir()) == []


@each_shell
@pytest.mark.parametrize("where", ["check", "before"])
def test_install__a_delivery_that_is_killed_leaves_the_old_files_whole_and_is_found_out(
    where: str, tmp_path: Path, shell: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "ledger_path", lambda app, name: f"{tmp_path}/var/{name}")
    (tmp_path / "a").write_text("old")
    (tmp_path / "goes").write_text("old")
    (tmp_path / "var").mkdir()
    (tmp_path / "var/files").write_text(f"version 1\n{tmp_path}/a\n{tmp_path}/goes\n")
    entries = [File(f"{tmp_path}/a", b"new"), File(f"{tmp_path}/b", b"new")]

    def plan() -> list[object]:
        text = checked(group.probe("shop", "files", entries, "key"), shell)
        return list(group.diff("shop", "files", entries, group.parse(ProbeOutput(text, "key"))))

    changes = plan()
    (command,) = group.apply("shop", "files", changes, **{where: "kill -9 $$"})
    done = run_command(command, shell)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "a").read_text() == "old"
    assert (tmp_path / "goes").read_text() == "old"
    assert not (tmp_path / "b").exists()

    again = plan()
    left = {change.target.name for change in again if isinstance(change.payload, StaleStaging)}
    assert left == {f"{tmp_path}/.homeport-stage", f"{tmp_path}/var/.homeport-stage"}
    assert [change for change in again if change in changes] == changes

    (command,) = group.apply("shop", "files", again)
    assert run_command(command, shell).returncode == 0
    assert plan() == []
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")) == [
        "a", "b", "var", "var/files",
    ]  # fmt: skip


@each_shell
def test_install__a_place_that_does_not_exist_is_not_made_up(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    done = deliver([File(f"{tmp_path}/no/where/file", b"")], shell)
    assert done.returncode != 0
    assert done.stderr == f"{tmp_path}/no/where is no directory; describe it\n"
    assert list(tmp_path.iterdir()) == []


@each_shell
@pytest.mark.parametrize(("owner", "group"), [("no-such-name", "root"), ("root", "no-such-name")])
def test_install__a_file_of_somebody_unknown_is_not_given_to_root(
    owner: str, group: str, tmp_path: Path, shell: Sequence[str]
) -> None:
    entries = [File(f"{tmp_path}/a", b""), File(f"{tmp_path}/b", b"", "644", owner, group)]
    done = deliver(entries, shell)
    assert done.returncode != 0
    assert done.stderr.startswith("no-such-name is not in ")
    assert list(tmp_path.iterdir()) == []


@each_shell
def test_install__what_comes_after_runs_when_all_is_in_place_and_its_failure_counts(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    entries = [File(f"{tmp_path}/a", b"new"), Link(f"{tmp_path}/l", "a")]
    done = deliver(entries, shell, after=f"cat {tmp_path}/l; ls {tmp_path}; exit 4")
    assert (done.returncode, done.stdout.split()) == (4, ["newa", "l"])


@each_shell
def test_install__what_comes_before_runs_when_all_is_checked_and_nothing_is_gone(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "old").write_text("old")
    entries = [Absent(f"{tmp_path}/old"), File(f"{tmp_path}/a", b"new", check="echo checked {}")]
    before = f"cat {tmp_path}/old; ls {tmp_path}; exit 4"
    done = deliver(entries, shell, before=before)
    assert done.returncode == 4
    assert done.stdout == f"checked {tmp_path}/.homeport-stage/a\noldold\n"
    assert (tmp_path / "old").exists()


def test_install__removals_alone_need_no_upload(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    script = install.install([Absent(f"{tmp_path}/old")])
    assert "tar" not in script
    assert subprocess.run(["sh", "-c", script]).returncode == 0
    assert list(tmp_path.iterdir()) == []


@each_shell
def test_install__the_script_is_shell_whatever_it_carries(shell: Sequence[str]) -> None:
    everything: list[Entry] = [
        Directory("/d"), File("/d/f", b"x", check="true {}"), Link("/d/l", "it's"), Absent("/d/a"),
    ]  # fmt: skip
    for entries in ([], everything, *([entry] for entry in everything)):
        is_shell(
            install.install([StaleStaging("/d/s"), *entries], "before", "check", "after"), shell
        )


parts = st.lists(st.binary(max_size=3 * CHUNK // 2), max_size=4)


@given(parts)
def test_install__a_payload_arrives_as_the_bytes_of_its_parts(parts: list[bytes]) -> None:
    arrived = io.BytesIO()
    arrived.close = lambda: None
    write_stdin(StdinPayload(*parts), arrived)
    for data in (arrived.getvalue(), b"".join(StdinPayload(*parts).chunks())):
        done = subprocess.run(
            ["sh", "-c", decode("cat", "base64 -d")], input=data, capture_output=True
        )
        assert (done.returncode, done.stdout) == (0, b"".join(parts))


def test_install__a_payload_is_lines_of_base64() -> None:
    assert (
        list(StdinPayload(b"hunter2"))
        == list(StdinPayload(b"hunter2").readlines())
        == [BASE64, "aHVudGVyMg=="]
    )


def test_install__pyinfra_sends_even_an_empty_payload() -> None:
    assert StdinPayload()
    assert StdinPayload(b"")


def test_install__a_payload_shows_nothing_of_what_it_carries() -> None:
    payload = StdinPayload(b"hunter2")
    forms = [repr(payload), str(payload), f"{payload}", pprint.pformat({"_stdin": payload}),
             repr(payload.readlines()), json.dumps({"_stdin": payload}, default=str),
             json.dumps({"_stdin": payload}, default=repr, indent=1),
             pprint.pformat(copy.copy(payload))]  # fmt: skip
    for form in forms:
        assert "hunter2" not in form
        assert "aHVudGVyMg" not in form
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps({"_stdin": payload})
    assert b"hunter2" in pickle.dumps(payload)  # So the words looked for are the right ones.


def test_install__an_archive_lists_folders_for_root_alone_before_what_is_in_them() -> None:
    entries = [File("/b/x", b"1", "600", "web", "web"), File("/a/y", b"2")]
    packed = b"".join(install.payload(entries)._parts)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        members = [(m.name, m.isdir(), f"{m.mode:o}", m.uname, m.gname) for m in tar]
    assert members == [
        ("a/.homeport-stage", True, "700", "root", "root"),
        ("b/.homeport-stage", True, "700", "root", "root"),
        ("b/.homeport-stage/x", False, "600", "web", "web"),
        ("a/.homeport-stage/y", False, "644", "root", "root"),
    ]


def test_install__shown_is_what_the_probe_fetches() -> None:
    assert str(probe.SHOWN + 1) in probe.probe([], "/var/ledger", "key")


@each_shell
@as_root
def test_install__a_directory_that_became_a_link_meanwhile_is_not_followed(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "elsewhere").mkdir(0o700)
    (tmp_path / "data").symlink_to("elsewhere")
    before = (tmp_path / "elsewhere").stat()
    done = deliver([Directory(f"{tmp_path}/data", "755", "daemon", "daemon")], shell)
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path}/data is a link; move it away, then deploy again\n"
    after = (tmp_path / "elsewhere").stat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
