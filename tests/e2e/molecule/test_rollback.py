"""After a rollback a host runs what it ran before the upgrade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def test_the_first_version_answers(answer: Mapping[str, Any]) -> None:
    assert answer["version"] == "1.0.0"


def test_the_second_version_was_confirmed_before_the_host_went_back(
    past: list[Mapping[str, Any]], current: str
) -> None:
    first, second, back = past
    assert [deploy["outcome"] for deploy in past] == ["confirmed"] * 3
    assert (second["what"], back["what"]) == ("deploy", "rollback")
    assert first["release"] == back["release"] == current != second["release"]
