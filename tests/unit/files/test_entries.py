"""What files.entries promises."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.kind import PreconditionError
from homeport.files import entries, managed_set
from homeport.files.entries import Absent, Directory, Entry, File, FileState, Link
from homeport.files.managed_set import ManagedSetState
from tests.support.file_plans import KEY, LEDGER, plan
from tests.support.simulated_host import Node, World, probe

secrets = st.text(min_size=8).map(lambda text: f"correct horse {text}".encode("utf-8", "ignore"))
found_files = st.one_of(
    st.none(),
    st.builds(Node, st.just("f"), st.just("600"), content=secrets),
    st.builds(Node, st.just("l"), st.just("777"), target=st.just("elsewhere")),
)


@given(found_files, secrets, st.booleans())
def test_entries__a_secret_shows_nowhere_in_a_plan(
    before: Node | None, secret: bytes, ours: bool
) -> None:
    path = "/etc/shop/secrets"
    world: World = {} if before is None else {path: before}
    if ours:
        world[LEDGER] = Node("f", "600", content=f"version 1\n{path}\n".encode())
    entry = File(path, secret, "600", secret=True)
    changes = plan(world, [entry]) + plan(world, [])
    text = repr(changes) + json.dumps([change.as_json() for change in changes]) + repr(entry)
    text += str(probe(world, [entry], LEDGER, KEY))
    assert "correct horse" not in text
    assert hashlib.sha256(secret).hexdigest() not in text


@given(secrets, secrets)
def test_entries__a_changed_secret_is_still_seen_as_changed(old: bytes, new: bytes) -> None:
    world = {"/etc/shop/secrets": Node("f", "600", content=old)}
    changes = plan(world, [File("/etc/shop/secrets", new, "600", secret=True)])
    written = [change for change in changes if change.target.name == "/etc/shop/secrets"]
    assert [change.diff for change in written] == ([] if old == new else [(entries.MASK,)])


@pytest.mark.parametrize(
    ("entry", "seen", "action", "reason"),
    [
        (File("/x", b""), None, "add", "new file, 644 root:root"),
        (Directory("/x", "700", "a", "b"), None, "add", "new directory, 700 a:b"),
        (Link("/x", "y"), None, "add", "new link to y"),
        (Link("/x", "y"), FileState("l", target="z"), "change", "pointed to z, not y"),
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
def test_entries__a_change_names_its_reason(
    entry: Entry, seen: FileState | None, action: str, reason: str
) -> None:
    (change,) = entries.diff("files", [entry], {"/x": seen} if seen else {}, KEY)
    assert (change.action, change.target.name, change.reason) == (action, "/x", reason)


def test_entries__all_reasons_of_one_file_are_named() -> None:
    (change,) = entries.diff(
        "files", [File("/x", b"new\n")], {"/x": FileState("f", "600", "a", "b")}, KEY
    )
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
def test_entries__a_directory_is_never_deleted_to_make_room(
    entry: Entry, seen: FileState, noun: str
) -> None:
    with pytest.raises(PreconditionError, match=f"/x is a {noun} on the host; move it away"):
        entries.diff("files", [entry], {"/x": seen}, KEY)


def diff_of(old: bytes | None, new: bytes, kind: str = "f") -> tuple[str, ...]:
    seen = FileState(kind, "644", "root", "root", digest="other", body=old)
    (change,) = entries.diff("files", [File("/x", new)], {"/x": seen}, KEY)
    return change.diff


def test_entries__a_diff_shows_what_goes_and_what_comes() -> None:
    assert diff_of(b"a\nb\n", b"a\nc\n") == ("@@ -1,2 +1,2 @@", " a", "-b", "+c")


def test_entries__a_diff_of_a_file_in_the_place_of_a_link_shows_the_whole_file() -> None:
    assert diff_of(None, b"a\n", "l") == ("@@ -0,0 +1 @@", "+a")


@pytest.mark.parametrize(("old", "new"), [(b"\xff", b"a"), (b"a", b"\xff\xfe"), (b"", b"\x80")])
def test_entries__a_binary_file_is_measured_and_not_shown(old: bytes, new: bytes) -> None:
    assert diff_of(old, new) == (f"(binary, {len(new)} bytes)",)


def test_entries__an_old_file_too_large_to_fetch_is_said_to_be() -> None:
    assert diff_of(None, b"a\nb\n") == ("(2 lines; the old content is too large, or a secret)",)


@pytest.mark.parametrize(("old", "new"), [(b"a", b"a\n"), (b"a\r\nb\n", b"a\nb\n"), (b"\n", b"")])
def test_entries__a_difference_in_line_ends_alone_is_not_an_empty_diff(
    old: bytes, new: bytes
) -> None:
    assert diff_of(old, new) != ()


def test_entries__a_change_of_mode_alone_shows_no_content() -> None:
    digest = hashlib.sha256(b"a\n").hexdigest()
    seen = FileState("f", "600", "root", "root", digest=digest, body=b"a\n")
    (change,) = entries.diff("files", [File("/x", b"a\n")], {"/x": seen}, KEY)
    assert change.diff == ()


@pytest.mark.parametrize(
    "path",
    ["", "x", "/", "/x/", "//x", "/x//y", "/.", "/..", "/x/../y", "/x/./y", "/a b", "/x\n", "/$x",
     "/x'", "/ü", "/x;y", "/*", "~/x", "/x\ty", "/..."],
)  # fmt: skip
def test_entries__a_path_that_would_need_quoting_is_refused(path: str) -> None:
    with pytest.raises(PreconditionError, match="not an absolute path of letters, digits"):
        Absent(path)


@pytest.mark.parametrize("path", ["/x", "/x/.y", "/x/y@z:1+2_3-4.5", "/-x", "/x..y"])
def test_entries__an_ordinary_path_is_taken(path: str) -> None:
    assert Absent(path).path == path


@pytest.mark.parametrize("mode", ["0644", "", "u+x", "888", "44", "064", "+644", "64444"])
def test_entries__a_mode_that_a_look_could_never_confirm_is_refused(mode: str) -> None:
    with pytest.raises(PreconditionError, match="mode"):
        File("/x", b"", mode)
    with pytest.raises(PreconditionError, match="mode"):
        Directory("/x", mode)


def test_entries__two_entries_of_one_path_are_refused() -> None:
    state = ManagedSetState({}, (), (), KEY)
    with pytest.raises(PreconditionError, match="/x is described twice"):
        managed_set.diff("shop", "files", [File("/x", b"1"), File("/x", b"2")], state)


@pytest.mark.parametrize("name", ["a;b", "$(id)", "a b", "-R", "", "../x", "ä"])
def test_entries__an_owner_that_would_need_quoting_is_refused(name: str) -> None:
    for owner, group in ((name, "root"), ("root", name)):
        for entry in (File, Directory):
            more = (b"",) if entry is File else ()
            with pytest.raises(PreconditionError, match="is not the name of a user or a group"):
                entry("/etc/x", *more, owner=owner, group=group)
