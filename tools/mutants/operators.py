"""The faults of a line: every one of a module, each as a mutant."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy

from tools.mutants.mutant import Mutant
from tools.mutants.places import functions, nodes, places, text_of

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand instead of a node: one thing is other in each."""
    match node:
        case ast.Compare(left, ops, comparators):
            for at, each in enumerate(ops):
                flipped = [*ops[:at], FLIPPED[type(each)](), *ops[at + 1 :]]
                yield ast.Compare(left, flipped, comparators)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
        case ast.BinOp(left, op, right) if type(op) in SWAPPED:
            yield ast.BinOp(left, SWAPPED[type(op)](), right)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
        case ast.If(test) | ast.While(test) | ast.IfExp(test):
            yield from _negated(node, test)
        case ast.Return(ast.expr() as value) if ast.unparse(value) != "None":
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call()) | ast.Raise() | ast.AugAssign():
            yield ast.Pass()
        case ast.Assign([ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()


def _negated(node: ast.If | ast.While | ast.IfExp, test: ast.expr) -> Iterator[ast.AST]:
    if isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        return
    no = ast.UnaryOp(ast.Not(), test)
    if isinstance(node, ast.IfExp):
        yield ast.IfExp(no, node.body, node.orelse)
    else:
        yield type(node)(no, node.body, node.orelse)


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module that a row of the table can name."""
    for name, function in functions(source):
        texts = [place.text for place in places(source, name)]
        for path in nodes(function):
            for fault in faults(path[-1]):
                if named := _named(path, fault, texts):
                    yield Mutant(file, name, *named)


def _named(path: tuple[ast.AST, ...], fault: ast.AST, texts: list[str]) -> tuple[str, str] | None:
    """Return the text before and after of the smallest node that is there once, if any is.

    A constant alone doesn't say which one it is.
    """
    for depth in range(len(path) - 1, -1, -1):
        node = path[depth]
        before = text_of(node)
        if isinstance(node, ast.Constant) or texts.count(before) != 1:
            continue
        after = _replaced(node, path[depth + 1 :], fault)
        return before, "pass" if isinstance(after, ast.Pass) else text_of(after)
    return None


def _replaced(node: ast.AST, path: tuple[ast.AST, ...], fault: ast.AST) -> ast.AST:
    """Return a copy of a node with the fault where the path leads."""
    if not path:
        return fault
    changed = copy(node)
    for field, value in ast.iter_fields(node):
        if value is path[0]:
            value = _replaced(path[0], path[1:], fault)
        elif isinstance(value, list):
            value = [
                _replaced(each, path[1:], fault) if each is path[0] else each for each in value
            ]
        setattr(changed, field, value)
    return changed
