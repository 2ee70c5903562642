"""What pyinfra_adapter.data_source promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeport.errors import UserError
from homeport.manifest import UserErrors
from homeport.pyinfra_adapter.data_source import WHERE, with_source
from tests.support.group_data_files import here

__all__ = ["here"]


def wrong(key: str) -> UserError:
    return UserError("is wrong", fix="fix it", file=WHERE, key=key)


@pytest.mark.parametrize(
    ("key", "nearer", "message"),
    [
        ("processes.web.listen", {}, "group_data/pi.py:6: processes.web.listen: is wrong"),
        ("architecture", {}, "group_data/all.py:1: architecture: is wrong"),
        ("debian", {"--data": {"debian": 1}}, "--data: debian: is wrong"),
        ("python", {"inventory": {"app": {}}}, "inventory: python: is wrong"),
    ],
)
def test_data_source__an_error_in_host_data_is_placed_where_pyinfra_took_it_from(
    here: Path, key: str, nearer: dict[str, Any], message: str
) -> None:
    assert str(with_source(wrong(key), ("other", "pi"), nearer)).startswith(message)


def test_data_source__each_of_several_errors_is_placed_and_others_are_left_alone(
    here: Path,
) -> None:
    elsewhere = UserError("x", fix="y", file="app.yml")
    several = with_source(UserErrors([wrong("debian"), elsewhere]), ("pi",))
    assert str(several).splitlines()[0].startswith("group_data/pi.py:1: debian: ")
    assert str(several).splitlines()[1] == "app.yml: x. Fix: y."
    (here / WHERE / "all.py").unlink()
    assert str(with_source(wrong("architecture"), ())).startswith("group_data: architecture: ")
