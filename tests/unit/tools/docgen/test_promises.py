"""Every promise has a test that is there, and code that is there."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tools.docgen.promises import (
    FIGURES,
    WHO,
    Promise,
    machine_cuts,
    power_cuts,
    promises,
    sections,
)

ROOT = Path(__file__).resolve().parents[4]


def fault(promise: Promise) -> str:
    """Return what is wrong with a line, nothing if it is well."""
    path, _, name = promise.test.partition("::")
    if promise.who not in WHO:
        return f"{promise.who} is not known"
    if not (ROOT / path).is_file():
        return f"{path} isn't there"
    tree = ast.parse((ROOT / path).read_text())
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    if name.partition("[")[0] not in names:
        return f"{path} has no {name}"
    gone = [each for each in promise.code.split(", ") if not (ROOT / each).exists()]
    return f"{gone[0]} isn't there" if gone else ""


@pytest.mark.parametrize("promise", promises(ROOT), ids=lambda promise: promise.what[:40])
def test_promises__each_has_a_test_and_code(promise: Promise) -> None:
    assert fault(promise) == ""


HERE = "tests/unit/tools/docgen/test_promises.py"
GOOD = Promise("disk", "It stays.", f"{HERE}::test_promises__a_wrong_line_is_found", HERE)


@pytest.mark.parametrize(
    ("promise", "wrong"),
    [
        (GOOD, ""),
        (Promise("moon", "", GOOD.test, HERE), "moon is not known"),
        (Promise("disk", "", "tests/no.py::test_no", HERE), "tests/no.py isn't there"),
        (Promise("disk", "", f"{HERE}::test_no", HERE), f"{HERE} has no test_no"),
        (Promise("disk", "", GOOD.test, "homeport/no.py"), "homeport/no.py isn't there"),
    ],
)
def test_promises__a_wrong_line_is_found(promise: Promise, wrong: str) -> None:
    assert fault(promise) == wrong


def test_promises__the_table_has_every_line() -> None:
    assert all(promise.test in sections(ROOT) for promise in promises(ROOT))


def test_promises__the_sum_of_all_power_cuts_stands_below_their_table() -> None:
    *rows, _, last = power_cuts(ROOT).rstrip().splitlines()
    counts = [int(row.split("|")[3]) for row in rows[2:]]
    assert last.startswith(f"{sum(counts)} power cuts (seed ")


def test_promises__power_cuts_of_a_machine_are_counted_and_what_was_not_survived_is_told(
    tmp_path: Path,
) -> None:
    cut = {"number": 1, "work": "a deploy", "at": "Units", "manner": "", "wrong": ""}
    results = [
        {**cut, "ended": "the old release"},
        {**cut, "ended": "the new release", "at": "Proxy"},
        {**cut, "ended": "", "wrong": "no page is served"},
    ]
    (tmp_path / "docs").mkdir()
    figures = {"machine": {"seed": 7, "kinds": {"what is promised": results}}}
    (tmp_path / FIGURES).write_text(json.dumps(figures))
    head, _, row, _, last = machine_cuts(tmp_path).rstrip().splitlines()
    cells = dict(zip(head.split(" | "), row.split(" | "), strict=True))
    assert [cells[name] for name in ("power cuts", "old", "new")] == ["3", "1", "1"]
    assert cells["not survived |"] == "1 |"
    assert last == (
        "3 power cuts (seed 7), 1 not survived. The deploys by pyinfra were in: Proxy 1, Units 2."
    )
