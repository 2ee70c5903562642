"""The kinds of spec, read from the specs' own text: each function, and each type with a proof."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SPECS = Path(__file__).resolve().parents[1] / "production"
DESCRIBED = "test_is_as_described"
"""The spec of every resource: its kinds are the types of resources."""
PROOFS = "PROOFS"


def kinds(specs: Path = SPECS) -> list[str]:
    """Return the name of every kind."""
    trees = [ast.parse(path.read_text()) for path in sorted(specs.rglob("*.py"))]
    functions = [name for tree in trees for name in _functions(tree)]
    types = [name for tree in trees for name in _proven(tree)]
    return [*types, *(name for name in functions if name != DESCRIBED)]


def disturbing(specs: Path = SPECS) -> dict[str, str]:
    """Return the path in its project of each spec that disturbs a host."""
    found = {}
    for path in sorted(specs.rglob("*.py")):
        text = path.read_text()
        every = "pytestmark = pytest.mark.disruptive" in text
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                if every or "pytest.mark.disruptive" in marks:
                    found[node.name] = f"tests/{path.relative_to(specs.parent)}"
    return found


def kind_and_case(function: str, case: str) -> tuple[str, str]:
    """Return the kind of a spec and what of the host it is about, without the host's name."""
    if function != DESCRIBED:
        return function, case
    kind, _, which = case.partition("-")
    return kind, which


def _functions(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


def _proven(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == PROOFS
            and isinstance(node.value, ast.Dict)
        ):
            yield from (key.id for key in node.value.keys if isinstance(key, ast.Name))
