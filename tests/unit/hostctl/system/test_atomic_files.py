"""Files that are whole or not there, and lists that lose nothing but a torn end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.hostctl.protocol import VersionError
from homeport.hostctl.snapshots.entry import target
from homeport.hostctl.system import atomic_files
from tests.support.disk_faults import Power, cuts, full, powered

RECORDS = [{"n": 1, "text": "first\nline"}, {"n": 2, "text": "ü"}, {"n": 3, "text": ""}]
Fresh = Callable[[], Path]


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    numbers = itertools.count()

    def folder() -> Path:
        made = tmp_path / str(next(numbers))
        made.mkdir()
        return made

    return folder


def test_file_that_is_cut_off_while_it_is_written_has_its_old_content_or_its_new(
    fresh: Fresh,
) -> None:
    def work(root: Path) -> None:
        (root / "f").write_text("old")
        atomic_files.write(root / "f", "new and longer", 0o640)

    found = set()
    for root in cuts(work, fresh):
        found.add((root / "f").read_text())
        atomic_files.write(root / "f", "after", 0o600)
        assert (root / "f").read_text() == "after"
        assert [path.name for path in root.iterdir()] == ["f"]
    assert found == {"old", "new and longer"}


def test_file_is_nobody_elses_to_read_before_it_has_its_own_mode(tmp_path: Path) -> None:
    atomic_files.write(tmp_path / "f", b"secret")
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o600
    atomic_files.write(tmp_path / "f", b"public", 0o644)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o644


def test_atomic_files__a_link_that_lies_in_wait_is_replaced_and_not_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "prey").write_text("untouched")
    (tmp_path / f"f{atomic_files.BESIDE}").symlink_to("prey")
    atomic_files.write(tmp_path / "f", b"content")
    assert (tmp_path / "prey").read_text() == "untouched"


def test_atomic_files__records_are_read_as_they_were_added(tmp_path: Path) -> None:
    atomic_files.append(tmp_path / "list", RECORDS[0])
    atomic_files.append(tmp_path / "list", *RECORDS[1:])
    assert atomic_files.records(tmp_path / "list") == RECORDS


def test_atomic_files__a_list_torn_at_any_byte_keeps_every_record_before_and_after(
    tmp_path: Path,
) -> None:
    atomic_files.append(tmp_path / "whole", *RECORDS)
    content = (tmp_path / "whole").read_bytes()
    ends = [number + 1 for number, byte in enumerate(content) if byte == ord("\n")]
    for cut in range(len(content) + 1):
        torn = tmp_path / "torn"
        torn.write_bytes(content[:cut])
        # Whether the line break made it is no matter to a record that is there.
        before = RECORDS[: sum(end - 1 <= cut for end in ends)]
        assert atomic_files.records(torn) == before
        atomic_files.append(torn, {"n": 9})
        assert atomic_files.records(torn) == [*before, {"n": 9}]


@given(st.binary(max_size=60))
def test_atomic_files__whatever_a_list_ends_in_does_no_harm_to_what_is_added(
    tmp_path_factory: pytest.TempPathFactory, end: bytes
) -> None:
    path = tmp_path_factory.mktemp("list") / "list"
    atomic_files.append(path, RECORDS[0])
    with path.open("ab") as file:
        file.write(end)
    atomic_files.append(path, RECORDS[1])
    found = atomic_files.records(path)
    assert found[0] == RECORDS[0]
    assert found[-1] == RECORDS[1]


def test_atomic_files__a_record_that_is_cut_off_is_there_whole_or_not_at_all(fresh: Fresh) -> None:
    def work(root: Path) -> None:
        (root / "list").write_text('{"n": 1, "version": 1}\n')
        atomic_files.append(root / "list", {"n": 2})

    found = {len(atomic_files.records(root / "list")) for root in cuts(work, fresh)}
    assert found == {1, 2} or found == {1}


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("", "names no version"),
        (', "version": 3', "is of version 3"),
        (', "version": true', "True"),
    ],
)
def test_atomic_files__what_is_of_another_version_is_refused_and_not_guessed(
    tmp_path: Path, version: str, says: str
) -> None:
    atomic_files.append(tmp_path / "list", RECORDS[0])
    with (tmp_path / "list").open("a") as file:
        file.write(f'{{"n": 2{version}}}\n{{"n": 3')
    for reads in (atomic_files.records, atomic_files.document):
        (tmp_path / "one").write_text(f'{{"n": 2{version}}}\n')
        path = tmp_path / ("list" if reads is atomic_files.records else "one")
        with pytest.raises(VersionError, match=f"{path} .*{says}.*knows 1 to 2. Fix: "):
            reads(path)


def test_atomic_files__a_document_says_its_version_and_is_read_as_it_was_written(
    tmp_path: Path,
) -> None:
    atomic_files.write_document(tmp_path / "one", {"n": 1})
    text = '{"digest": "518d0d88edaad7a1", "n": 1, "version": 2}\n'
    assert (tmp_path / "one").read_text() == text
    assert atomic_files.document(tmp_path / "one") == {"n": 1}
    atomic_files.write_records(tmp_path / "list", RECORDS)
    assert atomic_files.records(tmp_path / "list") == RECORDS


def test_atomic_files__a_record_for_which_there_is_no_room_leaves_the_list_as_it_was(
    tmp_path: Path,
) -> None:
    atomic_files.append(tmp_path / "list", RECORDS[0])
    before = (tmp_path / "list").read_bytes()
    with full(lambda: False, tmp_path), pytest.raises(OSError, match="No space"):
        atomic_files.append(tmp_path / "list", RECORDS[1])
    assert (tmp_path / "list").read_bytes() == before


def test_atomic_files__a_file_for_which_there_is_no_room_has_its_old_content_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    atomic_files.write(tmp_path / "f", "old")
    with full(lambda: False, tmp_path), pytest.raises(OSError, match="No space"):
        atomic_files.write(tmp_path / "f", "new")
    assert (tmp_path / "f").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_atomic_files__a_file_that_is_removed_is_gone_on_the_disk_as_well(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    with powered(Power()) as power:
        atomic_files.remove(tmp_path / "f")
        assert (power.steps, list(tmp_path.iterdir())) == (1, [])
        # What isn't there needs no wait for the disk.
        atomic_files.remove(tmp_path / "f")
        assert power.steps == 1


def test_atomic_files__a_list_that_may_not_be_made_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic_files.append(tmp_path / "list", RECORDS[0], new=False)
    assert not (tmp_path / "list").exists()


def test_atomic_files__a_document_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    assert atomic_files.document(tmp_path / "f") is None
    for content in (b"", b"{", b"[1]", b"\xff", b"\0\0\0\0", b'"text"'):
        (tmp_path / "f").write_bytes(content)
        assert atomic_files.document(tmp_path / "f") == {}


def test_atomic_files__a_link_leads_to_the_old_target_or_to_the_new_one(fresh: Fresh) -> None:
    def work(root: Path) -> None:
        (root / "l").symlink_to("old")
        atomic_files.link(root / "l", "./new//x")

    for root in cuts(work, fresh):
        assert target(root / "l") in ("old", "./new//x")
        atomic_files.link(root / "l", "after")
        assert [path.name for path in root.iterdir()] == ["l"]
