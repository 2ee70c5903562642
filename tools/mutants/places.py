"""Places in a module's text that a mutant can change, each with the text that it has there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
Head = ast.If | ast.While
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Return, ast.Assert)


@dataclass(frozen=True)
class Place:
    """A simple statement, an expression, or the condition of an ``if`` or ``while``.

    + function: the innermost function around it, by its name below the module: ``Class.method``
    + text: as ``ast.unparse`` writes it, so that quotes, spaces and line breaks don't count
    + is_statement: whether it is a whole statement, and not an expression
    + start, end: where it stands, in bytes
    """

    function: str
    text: str
    is_statement: bool
    start: int
    end: int


def functions(source: str) -> Iterator[tuple[str, Function]]:
    """Yield every function of a module, at every depth, with its name."""
    yield from _functions(ast.parse(source), "")


def _functions(node: ast.AST, above: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            name = f"{above}{child.name}"
            if not isinstance(child, ast.ClassDef):
                yield name, child
            yield from _functions(child, f"{name}.")
        else:
            yield from _functions(child, above)


def nodes(function: Function) -> Iterator[tuple[ast.AST, ...]]:
    """Yield every node of a function's body, each as the path from its statement to itself.

    What is in a function inside, in an f-string (whose parts have no position before Python 3.12)
    or in an annotation isn't among them.
    """
    for statement in function.body:
        yield from _below((statement,))


def _below(path: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, ...]]:
    node = path[-1]
    if isinstance(node, Function | ast.ClassDef):
        return
    yield path
    if isinstance(node, ast.JoinedStr):
        return
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _below((child,) if isinstance(child, ast.stmt) else (*path, child))


def text_of(node: ast.AST) -> str:
    """Return a node's text; of an ``if`` or ``while`` its first line, without the colon.

    It is empty for what can't be replaced: other compound statements, names that are assigned.
    """
    if isinstance(node, Head):
        return f"{type(node).__name__.lower()} {ast.unparse(node.test)}"
    if isinstance(node, SIMPLE):
        return ast.unparse(node)
    if isinstance(node, ast.expr) and not isinstance(node, ast.Slice | ast.Starred):
        context = getattr(node, "ctx", None)
        return "" if isinstance(context, ast.Store | ast.Del) else ast.unparse(node)
    return ""


def places(source: str, function: str) -> Iterator[Place]:
    """Yield every place in a function."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for name, found in functions(source):
        for path in nodes(found) if name == function else ():
            node = path[-1]
            # The text of a statement that is an expression means the statement.
            if not (text := text_of(node)) or (len(path) > 1 and isinstance(path[-2], ast.Expr)):
                continue
            part = node.test if isinstance(node, Head) else node
            if isinstance(part, ast.stmt | ast.expr):
                start = starts[part.lineno - 1] + part.col_offset
                end = starts[(part.end_lineno or 0) - 1] + (part.end_col_offset or 0)
                yield Place(name, text, isinstance(part, ast.stmt), start, end)
