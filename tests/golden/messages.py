"""Every sentence in the code: what it can say, also where no record makes it say so.

A sentence is a text of three words or more that is no docstring; what is filled in is ``{}``. They
are told by themselves, sorted: a module may move, and what it says stays.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.golden.text import ROOT

CODE = ("homeport", "operations", "deploys")


def sentences() -> str:
    """Return all sentences of the code, one a line, sorted."""
    files = {path for place in CODE for path in (ROOT / place).rglob("*.py")} | {*ROOT.glob("*.py")}
    found = {text for path in files if not path.is_symlink() for text in _of(path)}
    return "".join(f"{text.encode('unicode_escape').decode()}\n" for text in sorted(found))


def _of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        if isinstance(node, ast.JoinedStr):
            skipped |= {part for part in node.values if isinstance(part, ast.Constant)}
            skipped |= {part for part in ast.walk(node) if isinstance(part, ast.JoinedStr)}
            skipped.discard(node)
    for node in ast.walk(tree):
        text = None if node in skipped else _text(node)
        if text is not None and len(text.split()) >= 3:
            yield text


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return None
