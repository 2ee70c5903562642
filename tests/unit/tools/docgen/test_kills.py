"""What docgen.kills promises."""

from __future__ import annotations

import json
from pathlib import Path

from tools.docgen.kills import FIGURES, kills

NAMES = ["a deploy, phase Begin, controller", "a deploy, state armed, controller"]


def page(folder: Path, played: dict[str, list[str]]) -> list[str]:
    (folder / FIGURES).parent.mkdir(exist_ok=True)
    (folder / FIGURES).write_text(json.dumps({"kills": {"boundaries": NAMES, "played": played}}))
    return kills(folder).splitlines()


def test_kills__boundaries_are_counted_by_work_and_victim(tmp_path: Path) -> None:
    lines = page(tmp_path, {NAMES[0]: []})
    assert "| a deploy | controller | 2 | 1 | 0 |" in lines
    assert "2 boundaries, 1 of them played so far: all survived, and no request failed." in lines


def test_kills__what_was_not_survived_is_listed_by_name(tmp_path: Path) -> None:
    lines = page(tmp_path, {NAMES[0]: [], NAMES[1]: ["a POST failed"]})
    assert lines[-1] == f"- {NAMES[1]}: a POST failed"
    assert "2 boundaries, 2 of them played so far: 1 not survived:" in lines
