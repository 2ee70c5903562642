"""The kinds of spec are those that the specs have, and each is damaged somewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.production.described import PROOFS
from tests.spec_faults import kinds

FAMILIES = Path(kinds.__file__).with_name("families")


def test_kinds__are_the_functions_of_the_specs_and_the_types_that_have_a_proof() -> None:
    found = kinds.kinds()
    assert {kind.__name__ for kind in PROOFS} < set(found)
    assert {"test_heart_beats", "test_reboot_brings_everything_back"} < set(found)
    assert kinds.DESCRIBED not in found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("kind", kinds.kinds())
def test_kinds__each_is_guarded_against_a_damage(kind: str) -> None:
    trees = [ast.parse(path.read_text()) for path in FAMILIES.glob("*.py")]
    words = {n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    named = {part for word in words if isinstance(word, str) for part in word.split("|")}
    assert kind in named, f"{kind} is damaged by no family in tests/spec_faults/families"


def test_kinds__a_spec_is_taken_apart_into_kind_and_case() -> None:
    assert kinds.kind_and_case("test_is_as_described", "File-/etc/a-b") == ("File", "/etc/a-b")
    assert kinds.kind_and_case("test_heart_beats", "") == ("test_heart_beats", "")
    assert set(kinds.disturbing()) <= set(kinds.kinds())
