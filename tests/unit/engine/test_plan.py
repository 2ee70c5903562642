"""The plan is the change: carried out on any host, it gives what is described, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.kind import Change, PreconditionError, SnapshotContext
from homeport.files import entries as files
from homeport.files import managed_set as group
from homeport.files.entries import Absent, Directory, Entry, File, FileState, Link
from homeport.files.managed_set import ManagedSetState
from tests.unit.engine.world import STAGE, Node, World, apply, below, descriptions, look, worlds

KEY = "0123456789abcdef"
LEDGER = group.ledger_path("shop", "files")


def plan(world: World, entries: list[Entry]) -> list[Change]:
    return group.diff("shop", "files", entries, look(world, entries, LEDGER, KEY))


@given(worlds(LEDGER), descriptions())
def test_one_deploy_gives_what_is_described_on_any_host(world: World, entries: list[Entry]) -> None:
    after = apply(world, plan(world, entries))
    for entry in entries:
        match entry:
            case Absent(path):
                assert path not in after
            case Directory(path, mode, owner, owning):
                assert after[path] == Node("d", mode, owner, owning)
            case Link(path, target):
                assert (after[path].type, after[path].target) == ("l", target)
            case File(path, content, mode, owner, owning):
                assert after[path] == Node("f", mode, owner, owning, "", content)


@given(worlds(LEDGER), descriptions())
def test_a_second_deploy_has_nothing_to_do(world: World, entries: list[Entry]) -> None:
    assert plan(apply(world, plan(world, entries)), entries) == []


@given(worlds(LEDGER), descriptions())
def test_a_plan_is_empty_only_where_all_is_as_described(world: World, entries: list[Entry]) -> None:
    after = apply(world, plan(world, entries))
    for path in sorted(entry.path for entry in entries if not isinstance(entry, Absent)):
        spoilt = dict(after)
        for gone in [path, *below(spoilt, path)]:
            del spoilt[gone]
        assert path in {change.target for change in plan(spoilt, entries)}


@given(worlds(LEDGER), descriptions())
def test_what_left_the_description_goes_and_nothing_else(
    world: World, entries: list[Entry]
) -> None:
    after = apply(world, plan(world, entries))
    ours = set(world[LEDGER].content.decode().split()) if LEDGER in world else set()
    described = {entry.path for entry in entries}
    for path, node in world.items():
        if path in described or path == LEDGER or STAGE in path:
            continue
        if path in ours:
            assert path not in after or (node.type == "d" and below(after, path))
        else:
            assert after[path] == node


@given(worlds(LEDGER), descriptions())
def test_the_ledger_names_what_homeport_keeps(world: World, entries: list[Entry]) -> None:
    after = apply(world, plan(world, entries))
    kept = after[LEDGER].content.decode().split() if LEDGER in after else []
    assert kept == sorted(entry.path for entry in entries if not isinstance(entry, Absent))


@given(worlds(LEDGER), descriptions())
def test_the_same_host_and_description_give_the_same_plan(
    world: World, entries: list[Entry]
) -> None:
    assert plan(world, entries) == plan(dict(reversed(world.items())), entries)


@given(worlds(LEDGER), descriptions())
def test_every_change_says_what_and_why_on_one_line_each(
    world: World, entries: list[Entry]
) -> None:
    for change in plan(world, entries):
        assert change.target
        assert change.reason
        for line in (change.target, change.reason, *change.diff):
            assert "\n" not in line
        assert json.loads(json.dumps(change.as_json())) == {
            "action": change.action,
            "target": change.target,
            "reason": change.reason,
            "diff": list(change.diff),
        }


secrets = st.text(min_size=8).map(lambda text: f"correct horse {text}".encode("utf-8", "ignore"))
found_files = st.one_of(
    st.none(),
    st.builds(Node, st.just("f"), st.just("600"), content=secrets),
    st.builds(Node, st.just("l"), st.just("777"), target=st.just("elsewhere")),
)


@given(found_files, secrets, st.booleans())
def test_a_secret_shows_nowhere_in_a_plan(before: Node | None, secret: bytes, ours: bool) -> None:
    path = "/etc/shop/secrets"
    world: World = {} if before is None else {path: before}
    if ours:
        world[LEDGER] = Node("f", "600", content=f"{path}\n".encode())
    entry = File(path, secret, "600", secret=True)
    changes = plan(world, [entry]) + plan(world, [])
    told = repr(changes) + json.dumps([change.as_json() for change in changes]) + repr(entry)
    told += str(look(world, [entry], LEDGER, KEY))
    assert "correct horse" not in told
    assert hashlib.sha256(secret).hexdigest() not in told


@given(secrets, secrets)
def test_a_changed_secret_is_still_seen_as_changed(old: bytes, new: bytes) -> None:
    world = {"/etc/shop/secrets": Node("f", "600", content=old)}
    changes = plan(world, [File("/etc/shop/secrets", new, "600", secret=True)])
    written = [change for change in changes if change.target == "/etc/shop/secrets"]
    assert [change.diff for change in written] == ([] if old == new else [(files.MASK,)])


@pytest.mark.parametrize(
    ("entry", "seen", "action", "reason"),
    [
        (File("/x", b""), None, "add", "new file, 644 root:root"),
        (Directory("/x", "700", "a", "b"), None, "add", "new directory, 700 a:b"),
        (Link("/x", "y"), None, "add", "new link to y"),
        (Link("/x", "y"), FileState("l", target="z"), "change", "led to z, not y"),
        (Link("/x", "y"), FileState("f", "644"), "change", "is a file, content replaced"),
        (File("/x", b""), FileState("l", target="z"), "change", "is a link, content replaced"),
        (File("/x", b""), FileState("p"), "change", "is a special file, content replaced"),
        (Directory("/x"), FileState("d", "700", "root", "root"), "change", "mode 700, not 755"),
        (
            Directory("/x"),
            FileState("d", "755", "root", "adm"),
            "change",
            "owner root:adm, not root:root",
        ),
        (Absent("/x"), FileState("f"), "remove", "described as absent"),
    ],
)
def test_a_change_names_its_reason(
    entry: Entry, seen: FileState | None, action: str, reason: str
) -> None:
    (change,) = files.diff([entry], {"/x": seen} if seen else {}, KEY)
    assert (change.action, change.target, change.reason) == (action, "/x", reason)


def test_all_reasons_of_one_file_are_named() -> None:
    (change,) = files.diff([File("/x", b"new\n")], {"/x": FileState("f", "600", "a", "b")}, KEY)
    assert change.reason == "content differs; mode 600, not 644; owner a:b, not root:root"


@pytest.mark.parametrize(
    ("entry", "seen", "noun"),
    [
        (File("/x", b""), FileState("d"), "directory"),
        (Link("/x", "y"), FileState("d"), "directory"),
        (Directory("/x"), FileState("f"), "file"),
        (Directory("/x"), FileState("l", target="/y"), "link"),
        (Directory("/x"), FileState("s"), "special file"),
    ],
)
def test_a_directory_is_never_deleted_to_make_room(
    entry: Entry, seen: FileState, noun: str
) -> None:
    with pytest.raises(PreconditionError, match=f"/x is a {noun} on the host; move it away"):
        files.diff([entry], {"/x": seen}, KEY)


def diff_of(old: bytes | None, new: bytes, kind: str = "f") -> tuple[str, ...]:
    seen = FileState(kind, "644", "root", "root", digest="other", body=old)
    (change,) = files.diff([File("/x", new)], {"/x": seen}, KEY)
    return change.diff


def test_a_diff_shows_what_goes_and_what_comes() -> None:
    assert diff_of(b"a\nb\n", b"a\nc\n") == ("@@ -1,2 +1,2 @@", " a", "-b", "+c")


def test_a_diff_of_a_file_in_the_place_of_a_link_shows_the_whole_file() -> None:
    assert diff_of(None, b"a\n", "l") == ("@@ -0,0 +1 @@", "+a")


@pytest.mark.parametrize(("old", "new"), [(b"\xff", b"a"), (b"a", b"\xff\xfe"), (b"", b"\x80")])
def test_a_binary_file_is_measured_and_not_shown(old: bytes, new: bytes) -> None:
    assert diff_of(old, new) == (f"(binary, {len(new)} bytes)",)


def test_an_old_file_too_large_to_fetch_is_said_to_be() -> None:
    assert diff_of(None, b"a\nb\n") == ("(2 lines; the old content is too large, or a secret)",)


@pytest.mark.parametrize(("old", "new"), [(b"a", b"a\n"), (b"a\r\nb\n", b"a\nb\n"), (b"\n", b"")])
def test_a_difference_in_line_ends_alone_is_not_an_empty_diff(old: bytes, new: bytes) -> None:
    assert diff_of(old, new) != ()


def test_a_change_of_mode_alone_shows_no_content() -> None:
    digest = hashlib.sha256(b"a\n").hexdigest()
    seen = FileState("f", "600", "root", "root", digest=digest, body=b"a\n")
    (change,) = files.diff([File("/x", b"a\n")], {"/x": seen}, KEY)
    assert change.diff == ()


@pytest.mark.parametrize(
    "path",
    ["", "x", "/", "/x/", "//x", "/x//y", "/.", "/..", "/x/../y", "/x/./y", "/a b", "/x\n", "/$x",
     "/x'", "/ü", "/x;y", "/*", "~/x", "/x\ty", "/..."],
)  # fmt: skip
def test_a_path_that_would_need_quoting_is_refused(path: str) -> None:
    with pytest.raises(PreconditionError, match="not an absolute path of letters, digits"):
        Absent(path)


@pytest.mark.parametrize("path", ["/x", "/x/.y", "/x/y@z:1+2_3-4.5", "/-x", "/x..y"])
def test_an_ordinary_path_is_taken(path: str) -> None:
    assert Absent(path).path == path


@pytest.mark.parametrize("mode", ["0644", "", "u+x", "888", "44", "064", "+644", "64444"])
def test_a_mode_that_a_look_could_never_confirm_is_refused(mode: str) -> None:
    with pytest.raises(PreconditionError, match="mode"):
        File("/x", b"", mode)
    with pytest.raises(PreconditionError, match="mode"):
        Directory("/x", mode)


def test_two_entries_of_one_path_are_refused() -> None:
    kept = ManagedSetState({}, (), (), KEY)
    with pytest.raises(PreconditionError, match="/x is described twice"):
        group.diff("shop", "files", [File("/x", b"1"), File("/x", b"2")], kept)


def test_a_ledger_with_a_path_of_somebody_elses_making_removes_nothing() -> None:
    kept = ManagedSetState({"/etc/../x": FileState("f")}, ("/etc/../x",), (), KEY)
    with pytest.raises(PreconditionError):
        group.diff("shop", "files", [], kept)


def test_the_ledger_says_how_many_paths_join_and_leave() -> None:
    kept = ManagedSetState({}, ("/a", "/b"), (), KEY)
    changes = group.diff("shop", "files", [File("/b", b""), File("/c", b""), File("/d", b"")], kept)
    assert changes[-1].target == LEDGER
    assert changes[-1].action == "change"
    assert changes[-1].reason == "homeport keeps 2 paths more and 1 fewer"
    assert changes[-1].desired.mode == "600"


def test_lists_are_kept_where_and_by_whom_the_description_says() -> None:
    keeper = SnapshotContext("me", "us", "/home/me/lists")
    kept = ManagedSetState({}, (), (), KEY)
    *_, change = group.diff("shop", "files", [File("/b", b"")], kept, keeper)
    ledger = change.desired
    assert (ledger.path, ledger.owner, ledger.group) == ("/home/me/lists/files", "me", "us")
    (command,) = group.apply("shop", "files", [change], keeper=keeper)
    script = command.get_raw_value()
    assert "install -d -m 700 -o me -g us /home/me/lists" in script
    assert "root" not in script
    packed = base64.b64decode("".join(command.connector_arguments["_stdin"]))
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        assert {(member.uname, member.gname) for member in tar} == {("me", "us")}
