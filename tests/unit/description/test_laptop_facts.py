"""What description.laptop_facts promises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from homeport.description import laptop_facts
from homeport.description.host import describe_host
from homeport.errors import UserError
from homeport.operations.platform.resources import LocalPlatform
from tests.support.described_app import Project
from tests.support.described_laptop import LAPTOP, mine

__all__ = ["mine"]


@pytest.mark.parametrize("folder", ["my project", "a:b", "ünicode", "$HOME", "x" * 161])
def test_laptop_facts__a_project_at_a_path_that_needs_quoting_is_told_to_move(
    folder: str, mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laptop_facts, "root", lambda: Path("/none") / folder)
    with pytest.raises(UserError, match=r"needs a path of at most 160 letters.* Fix: move or"):
        describe_host(LAPTOP)


def test_laptop_facts__a_source_at_a_path_that_needs_quoting_is_told_to_move(mine: Project) -> None:
    (mine.root / "code").rename(mine.root / "my code")
    mine.replace("source: code", "source: my code")
    mine.app()
    with pytest.raises(UserError, match=r"my code: a laptop's deploy needs a path"):
        describe_host(LAPTOP)


def test_laptop_facts__a_folder_that_was_made_by_somebody_else_is_told(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine.root / "local").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(UserError, match=r"another user owns it.*sudo chown -R 12345 "):
        describe_host(LAPTOP)


def test_laptop_facts__a_user_without_a_name_is_told(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4123456789)
    with pytest.raises(UserError, match="your user, 4123456789, or its group has no name here"):
        describe_host(LAPTOP)


def test_laptop_facts__without_the_wanted_python_there_is_still_a_description_to_refuse(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laptop_facts.interpreters, "find_interpreter", lambda wanted: None)
    assert describe_host(LAPTOP).of(LocalPlatform)[0].interpreter == ""


def test_laptop_facts__root_is_refused_unless_that_is_allowed(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    plain = {**LAPTOP, "allow_root": False}
    with pytest.raises(UserError, match=r"run as you, who are root. Fix: .*allow_root=yes"):
        describe_host(plain)
    assert describe_host(LAPTOP)
    monkeypatch.undo()
