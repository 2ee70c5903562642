"""What artifacts.cache promises."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]


def test_cache__an_artifact_in_the_cache_is_not_packed_again(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = build_artifact(tree, cache=cache)
    monkeypatch.delattr("homeport.artifacts.artifact.pack")
    assert build_artifact(tree, cache=cache) == artifact


def test_cache__nothing_is_left_in_the_cache_but_artifacts(tree: Path, cache: Path) -> None:
    artifact = build_artifact(tree, cache=cache)
    assert [path for path in cache.rglob("*") if path.is_file()] == [artifact.path]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_cache__what_a_killed_run_left_is_swept_away_a_day_later(tree: Path, cache: Path) -> None:
    old, young = cache / "tmp" / "old", cache / "tmp" / "young"
    for left in (old, young):
        left.mkdir(parents=True)
        (left / "half.whl").touch()
    os.utime(old, (0, 0))
    build_artifact(tree, cache=cache)
    assert (old.exists(), young.exists()) == (False, True)
