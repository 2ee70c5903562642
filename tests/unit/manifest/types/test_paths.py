"""A path of an application file leads where it may."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.paths import below, inside, locked, reachable, resolve


@pytest.mark.parametrize("path", ["/etc/passwd", "~/x", "../x", "a/../../x"])
def test_path_out_of_the_project_is_refused(path: str) -> None:
    with pytest.raises(PydanticCustomError):
        inside(path)


def test_path_inside_the_project_is_taken() -> None:
    assert inside("a/b") == below("a/b") == "a/b"


def test_pattern_out_of_the_source_is_refused() -> None:
    with pytest.raises(PydanticCustomError):
        below("../*.py")


@pytest.mark.parametrize("path", ["pyproject.toml", "requirements.in", "setup.cfg", "setup.py"])
def test_lock_that_says_what_is_wanted_is_refused(path: str) -> None:
    with pytest.raises(PydanticCustomError):
        locked(path)


def test_lock_that_is_locked_is_taken() -> None:
    assert locked("requirements.txt") == "requirements.txt"


def test_path_in_another_home_is_refused() -> None:
    assert reachable("~/x") == "~/x"
    with pytest.raises(PydanticCustomError):
        reachable("~root/x")


def test_path_is_resolved_from_the_folder_of_the_application_file(tmp_path: Path) -> None:
    assert resolve(tmp_path, "a/b") == tmp_path / "a/b"
    assert resolve(tmp_path, "~/x") == Path.home() / "x"
