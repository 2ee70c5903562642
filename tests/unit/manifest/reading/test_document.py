"""What manifest.reading.document promises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.app_refusals import refused


def test_document__a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "app.yml").what


def test_document__a_directory_is_refused(tmp_path: Path) -> None:
    assert "not a file" in refused(tmp_path).what


def test_document__a_loop_of_links_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    path.symlink_to(path)
    assert "can't be read" in refused(path).what


def test_document__a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "app.yml")
    assert "not a file" in refused(tmp_path / "app.yml").what


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "a/b\n/c" + "y" * 300])
def test_document__a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path / name)


def test_document__a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    path.touch(0o000)
    ourselves = os.geteuid()
    if ourselves == 0:
        os.seteuid(65534)  # root may read everything
    try:
        assert "can't be read" in refused(path).what
    finally:
        os.seteuid(ourselves)
