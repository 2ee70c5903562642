"""Folders of tests lie where every user may write: what is above them isn't judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest

from homeport.files import ancestors
from homeport.files.entries import FileState


@pytest.fixture(scope="session", autouse=True)
def above_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have homeport take for root's alone what is above the folders of tests."""
    base = tmp_path_factory.getbasetemp()
    above = {str(base), *map(str, base.parents)}
    judge = ancestors.require_root_only

    def judge_below(
        entries: Collection[Any],
        leaving: Collection[str],
        seen: Mapping[str, FileState],
        *others: Any,
    ) -> None:
        judge(entries, leaving, {path: seen[path] for path in seen.keys() - above}, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ancestors, "require_root_only", judge_below)
        yield
