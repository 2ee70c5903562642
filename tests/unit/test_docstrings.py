"""Docstrings of what is public: an imperative first, what is returned, and what is raised."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("homeport", "operations", "deploys", "kinds", "lab")


NO_IMPERATIVES = {
    "A",
    "An",
    "Every",
    "Have",
    "Let",
    "One",
    "Say",
    "The",
    "This",
    "What",
    "Where",
    "Whether",
}
"""Words that begin a noun phrase or a question, and two verbs that say little."""

NO_NOUNS = {"Return", "Say", "What", "Where", "Yield"}
"""Words with which no property's docstring begins: it names a thing, or says whether."""

PROPERTIES = {"property", "cached_property"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Public(NamedTuple):
    """A public function or method, and where it is."""

    place: str
    node: Function


def public(path: Path) -> Iterator[Public]:
    """Yield the public functions of a module, and the public methods of its public classes."""
    tree = ast.parse(path.read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bodies = [tree.body, *(node.body for node in classes if not node.name.startswith("_"))]
    for node in (node for body in bodies for node in body):
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield Public(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node)


def covered() -> list[Public]:
    """Return all that follows the grammar."""
    files = sorted(path for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))
    return [each for path in files for each in public(path)]


def faults(node: Function) -> list[str]:
    """Return what a docstring lacks."""
    decorators = {name for each in node.decorator_list for name in _names(each)}
    if "overload" in decorators:
        return []
    text = ast.get_docstring(node) or ""
    if not text:
        return ["has no docstring"]
    found = []
    is_property = bool(decorators & PROPERTIES)
    first = text.split()[0].rstrip(".,:")
    if first in (NO_NOUNS if is_property else NO_IMPERATIVES):
        found.append(f"begins with {first}")
    if not is_property and _returns(node) and "eturn" not in text and "ield" not in text:
        found.append("doesn't say what it returns")
    if _raises(node) and "aise" not in text:
        found.append("doesn't say what it raises")
    return found


def _names(decorator: ast.expr) -> Iterator[str]:
    for node in ast.walk(decorator):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _returns(node: Function) -> bool:
    if {"contextmanager", "validator"} & {n for d in node.decorator_list for n in _names(d)}:
        return False
    return node.returns is not None and ast.unparse(node.returns) not in {"None", "NoReturn"}


def _raises(node: Function) -> bool:
    # An exception of a helper inside is the helper's; a bare raise hands on another's.
    nested = {
        inner
        for each in ast.walk(node)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        and each is not node
        for inner in ast.walk(each)
    }
    raising = (each for each in ast.walk(node) if isinstance(each, ast.Raise))
    return any(each.exc is not None and each not in nested for each in raising)


def test_docstring_follows_the_grammar() -> None:
    found = [f"{place} {fault}" for place, node in covered() for fault in faults(node)]
    assert found == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def size() -> int: ...", "has no docstring"),
        ('def size() -> int:\n    """The bytes to return."""', "begins with The"),
        ('def size() -> int:\n    """Measure a file."""', "doesn't say what it returns"),
        ('@property\ndef size() -> int:\n    """Return the bytes."""', "begins with Return"),
        (
            'def size() -> int:\n    """Return the bytes."""\n    raise OSError(2)',
            "doesn't say what it raises",
        ),
    ],
)
def test_fault_is_found(source: str, fault: str) -> None:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert faults(node) == [fault]


@pytest.mark.parametrize(
    "source",
    [
        'def size() -> int:\n    """Return the bytes."""',
        '@property\ndef size() -> int:\n    """The bytes."""',
        'def check() -> None:\n    """Raise ``OSError`` if it\'s gone."""\n    raise OSError(2)',
    ],
)
def test_what_follows_the_grammar_has_no_fault(source: str) -> None:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert faults(node) == []


def test_module_and_class_are_named_by_a_noun() -> None:
    questions = {"How", "What", "When", "Where", "Who", "Why"}
    found = []
    for path in sorted(path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text())
        for node in (tree, *(each for each in tree.body if isinstance(each, ast.ClassDef))):
            text = ast.get_docstring(node) or "nothing"
            if text.split()[0] in questions or (text == "nothing" and node is tree):
                found.append(f"{path.relative_to(ROOT)} {getattr(node, 'name', '')}: {text[:60]}")
    assert found == []
