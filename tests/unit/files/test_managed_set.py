"""The plan is the change: carried out on any host, it gives what is described, and nothing else."""

from __future__ import annotations

import base64
import io
import json
import tarfile

import pytest
from hypothesis import given

from homeport.engine.kind import PreconditionError, SnapshotContext
from homeport.files import managed_set
from homeport.files.entries import Absent, Directory, Entry, File, FileState, Link
from homeport.files.managed_set import ManagedSetState
from tests.support.file_plans import KEY, LEDGER, plan
from tests.support.simulated_host import STAGE, Node, World, apply, below, descriptions, worlds


@given(worlds(LEDGER), descriptions())
def test_managed_set__one_deploy_gives_what_is_described_on_any_host(
    world: World, entries: list[Entry]
) -> None:
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
def test_managed_set__a_second_deploy_has_nothing_to_do(world: World, entries: list[Entry]) -> None:
    assert plan(apply(world, plan(world, entries)), entries) == []


@given(worlds(LEDGER), descriptions())
def test_managed_set__a_plan_is_empty_only_where_all_is_as_described(
    world: World, entries: list[Entry]
) -> None:
    after = apply(world, plan(world, entries))
    for path in sorted(entry.path for entry in entries if not isinstance(entry, Absent)):
        spoilt = dict(after)
        for gone in [path, *below(spoilt, path)]:
            del spoilt[gone]
        assert path in {change.target.name for change in plan(spoilt, entries)}


@given(worlds(LEDGER), descriptions())
def test_managed_set__what_left_the_description_goes_and_nothing_else(
    world: World, entries: list[Entry]
) -> None:
    after = apply(world, plan(world, entries))
    ours = set(world[LEDGER].content.decode().splitlines()[1:]) if LEDGER in world else set()
    described = {entry.path for entry in entries}
    for path, node in world.items():
        if path in described or path == LEDGER or STAGE in path:
            continue
        if path in ours:
            assert path not in after or (node.type == "d" and below(after, path))
        else:
            assert after[path] == node


@given(worlds(LEDGER), descriptions())
def test_managed_set__the_ledger_names_what_homeport_keeps(
    world: World, entries: list[Entry]
) -> None:
    after = apply(world, plan(world, entries))
    wanted = sorted(entry.path for entry in entries if not isinstance(entry, Absent))
    listed = after[LEDGER].content.decode().splitlines() if LEDGER in after else []
    assert listed == ["version 1", *wanted] or (listed == wanted == [])


@given(worlds(LEDGER), descriptions())
def test_managed_set__the_same_host_and_description_give_the_same_plan(
    world: World, entries: list[Entry]
) -> None:
    assert plan(world, entries) == plan(dict(reversed(world.items())), entries)


@given(worlds(LEDGER), descriptions())
def test_managed_set__every_change_says_what_and_why_on_one_line_each(
    world: World, entries: list[Entry]
) -> None:
    for change in plan(world, entries):
        assert change.target.name
        assert change.reason
        for line in (change.target.name, change.reason, *change.diff):
            assert "\n" not in line
        assert json.loads(json.dumps(change.as_json())) == {
            "action": change.action,
            "target": change.target.name,
            "reason": change.reason,
            "diff": list(change.diff),
        }


def test_managed_set__a_ledger_with_a_path_of_somebody_elses_making_removes_nothing() -> None:
    state = ManagedSetState({"/etc/../x": FileState("f")}, ("/etc/../x",), (), KEY)
    with pytest.raises(PreconditionError):
        managed_set.diff("shop", "files", [], state)


def test_managed_set__the_ledger_says_how_many_paths_join_and_leave() -> None:
    state = ManagedSetState({}, ("/a", "/b"), (), KEY)
    changes = managed_set.diff(
        "shop", "files", [File("/b", b""), File("/c", b""), File("/d", b"")], state
    )
    assert changes[-1].target.name == LEDGER
    assert changes[-1].action == "change"
    assert changes[-1].reason == "homeport keeps 2 paths more and 1 fewer"
    assert changes[-1].payload.mode == "600"


def test_managed_set__what_was_staged_is_not_removed_from_a_directory_of_others() -> None:
    seen = {"/opt": FileState("d", "777", "root", "root")}
    state = ManagedSetState(seen, ("/opt/gone",), ("/opt/.homeport-stage",), KEY)
    with pytest.raises(PreconditionError, match=r"/opt/.homeport-stage is to be removed from /opt"):
        managed_set.diff("shop", "files", [], state)


def test_managed_set__lists_are_kept_where_and_by_whom_the_description_says() -> None:
    snapshot_context = SnapshotContext("me", "us", "/home/me/lists")
    state = ManagedSetState({}, (), (), KEY)
    *_, change = managed_set.diff("shop", "files", [File("/b", b"")], state, snapshot_context)
    ledger = change.payload
    assert (ledger.path, ledger.owner, ledger.group) == ("/home/me/lists/files", "me", "us")
    (command,) = managed_set.apply("shop", "files", [change], snapshot_context=snapshot_context)
    script = command.get_raw_value()
    assert "folder 700 me us /home/me/lists" in script
    assert "root" not in script
    packed = base64.b64decode("".join(list(command.connector_arguments["_stdin"])[1:]))
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        assert {(member.uname, member.gname) for member in tar} == {("me", "us")}
