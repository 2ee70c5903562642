"""Files go and come whole or not at all."""

from __future__ import annotations

import subprocess
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, Any

import pytest

from homeport.openssh.files import Download, Upload, get, put


def write(
    place: Path, data: bytes, umask: str = "022", size: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    script = f"umask {umask}\n{put(str(place), len(data) if size is None else size)}"
    return subprocess.run(["sh", "-c", script], input=data, capture_output=True)


def test_files__a_new_file_has_the_mode_that_any_would_have(tmp_path: Path) -> None:
    assert write(tmp_path / "a b", b"\xff").returncode == 0
    assert (tmp_path / "a b").read_bytes() == b"\xff"
    assert (tmp_path / "a b").stat().st_mode & 0o777 == 0o644
    write(tmp_path / "c", b"", "027")
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o640


def test_files__one_that_is_there_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    (tmp_path / "file").chmod(0o600)
    (tmp_path / "link").symlink_to("file")
    write(tmp_path / "link", b"after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "after"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_files__half_of_a_file_does_not_come_into_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    done = write(tmp_path / "file", b"half", size=8)
    assert done.returncode != 0
    assert b"did not arrive whole" in done.stderr
    assert (tmp_path / "file").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_files__a_directory_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = write(tmp_path / "folder", b"x")
    assert done.returncode != 0
    assert b"is a directory" in done.stderr
    assert list((tmp_path / "folder").iterdir()) == []


def test_files__a_file_is_printed_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "-x").write_bytes(b"\0\xff")
    done = subprocess.run(["sh", "-c", get("-x")], cwd=tmp_path, capture_output=True)
    assert done.stdout == b"\0\xff"


@pytest.mark.parametrize("source", [None, BytesIO(b"a\0b"), StringIO("a\0b")])
def test_files__an_upload_yields_its_bytes_each_time(
    source: IO[Any] | None, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"a\0b")
    upload = Upload(source or str(tmp_path / "file"))
    assert b"".join(upload.chunks()) == b"".join(upload.chunks()) == b"a\0b"


def test_files__a_download_that_breaks_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    with Download(str(tmp_path / "file")) as download:
        download.write(b"half")
    assert (tmp_path / "file").read_text() == "before"
    with Download(str(tmp_path / "file")) as download:
        download.write(b"whole")
        download.is_whole = True
    assert (tmp_path / "file").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_files__an_open_file_takes_bytes_or_text() -> None:
    for target, found in ((BytesIO(), b"ab"), (StringIO(), "ab")):
        with Download(target) as download:
            download.write(b"ab")
        assert target.getvalue() == found
