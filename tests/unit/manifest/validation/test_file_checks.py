"""What manifest.validation.file_checks promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.errors import UserError
from tests.support.app_slips import SOURCE
from tests.support.valid_app import Read


def test_file_checks__a_package_without_a_lock_is_told_how_to_make_one(read: Read) -> None:
    text = (
        "name: a\nsource: {package: x, version: '2'}\npython: '3.11'\nprocesses: {w: {command: x}}"
    )
    with pytest.raises(UserError, match="comes with a lock, and none is named") as caught:
        read(text=text)
    assert (caught.value.line, caught.value.key) == (2, "source")
    assert (
        "write x==2 into requirements.in, make a lock of it with `uv pip compile"
        in caught.value.fix
    )
    assert "--generate-hashes" in caught.value.fix


def test_file_checks__a_link_out_of_the_project_is_refused(
    read: Read, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (project / "away").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(UserError, match="link out of the project"):
        read(SOURCE, "source: away")


def test_file_checks__a_loop_of_links_is_refused(read: Read, project: Path) -> None:
    (project / "loop").symlink_to(project / "loop")
    with pytest.raises(UserError, match="no directory 'loop'"):
        read(SOURCE, "source: loop")
