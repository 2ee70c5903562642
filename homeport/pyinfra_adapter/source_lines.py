"""On which line of an inventory or of group_data something stands, for whoever has to fix it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path


def line_of(file: Path, variable: str, keys: Sequence[str] = ()) -> int | None:
    """Return the line on which a variable is set, or on which its dictionary has these keys.

    The nearest line that can be told; None if the file doesn't set that variable in plain sight.
    """
    value = _assigned(file, variable)
    if value is None:
        return None
    line = value.lineno
    for key in keys:
        if not isinstance(value, ast.Dict):
            break
        at = next((n for n, node in enumerate(value.keys) if _says(node, key)), None)
        if at is None:
            break
        value = value.values[at]
        line = value.lineno
    return line


def line_of_second(file: Path, variable: str, text: str) -> int | None:
    """Return the line on which a variable's value says the same text for the second time."""
    value = _assigned(file, variable)
    if value is None:
        return None
    nodes = (node for node in ast.walk(value) if isinstance(node, ast.Constant))
    lines = sorted(node.lineno for node in nodes if node.value == text)
    return lines[1] if len(lines) > 1 else None


def _assigned(file: Path, variable: str) -> ast.expr | None:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    found = None
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            found = node.value if variable in names else found
    return found


def _says(node: ast.AST | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
