import ast

import pytest

from tools.mutants.operators import mutants


def faults(body: str) -> set[tuple[str, str]]:
    source = f"def f(a, b, c):\n    {body}\n"
    return {(each.before, each.after) for each in mutants("shop.py", source)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = a == b", {("a == b", "a != b")}),
        ("x = a < b <= c", {("a < b <= c", "a <= b <= c"), ("a < b <= c", "a < b < c")}),
        ("x = a in b", {("a in b", "a not in b")}),
        ("x = a is None", {("a is None", "a is not None")}),
        ("x = a and b", {("a and b", "a or b")}),
        ("x = a + b", {("a + b", "a - b")}),
        ("x = not a", {("not a", "a")}),
        ("x = a[0]", {("a[0]", "a[1]")}),
        ("x = g(b=True)", {("g(b=True)", "g(b=False)")}),
        ("x = b if a else c", {("b if a else c", "b if not a else c")}),
        ("return a", {("return a", "return None")}),
        ("a.x = b", {("a.x = b", "pass")}),
        ("a += b", {("a += b", "pass")}),
        ("raise a", {("raise a", "pass")}),
        ("g(a)", {("g(a)", "pass")}),
    ],
)
def test_each_kind_of_fault_is_made(body: str, expected: set[tuple[str, str]]) -> None:
    assert faults(body) == expected


@pytest.mark.parametrize("body", ["x = a", "return", "return None", "pass", '"""A docstring."""'])
def test_what_no_operator_changes_has_no_fault(body: str) -> None:
    assert faults(body) == set()


def test_text_that_stands_twice_is_named_with_what_is_around_it() -> None:
    assert faults("x = (a == b) + g(a == b)") == {
        ("(a == b) + g(a == b)", "(a == b) - g(a == b)"),
        ("(a == b) + g(a == b)", "(a != b) + g(a == b)"),
        ("g(a == b)", "g(a != b)"),
    }


def test_condition_is_negated_once_and_a_comparison_only_flipped() -> None:
    assert faults("\n    while a:\n        b()") == {("while a", "while not a"), ("b()", "pass")}
    assert faults("\n    if a == b:\n        c()") == {("a == b", "a != b"), ("c()", "pass")}


def test_every_mutant_of_a_module_applies_and_is_another_program() -> None:
    source = """\
class Shop:
    def __init__(self, told=None):
        self.told = told or []
        if not self.told:
            self.told.append(1 + len(self.told))

    def sold(self, limit):
        for each in self.told:
            if each > limit and each != 3:
                yield each - 1
        return len(self.told) == 0
"""
    found = list(mutants("shop.py", source))
    assert len(found) > 8
    whole = ast.dump(ast.parse(source))
    for mutant in found:
        assert ast.dump(ast.parse(mutant.apply(source))) != whole, str(mutant)
    assert len(set(map(str, found))) == len(found)
