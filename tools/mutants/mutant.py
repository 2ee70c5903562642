"""A mutant: one fault in one function, as the text before and after; and how it is put there."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path

from tools.mutants.places import Place, functions, places

TABLE = Path(__file__).with_name("table.toml")


class StaleRowError(Exception):
    """The text of a row isn't, or isn't once, in the function that the row names."""


@dataclass(frozen=True)
class Mutant:
    """One row of the table.

    + file: path of the module below the repository
    + function: the innermost function around it, by its name below the module: ``Class.method``
    + before: text of a simple statement, an expression, or ``if`` and ``while`` with the condition;
      of a statement that goes as a whole its beginning and ``...`` are enough
    + after: what stands there instead
    """

    file: str
    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file}, {self.function}: {self.before} -> {self.after}"

    def apply(self, source: str) -> str:
        """Return a module's text with the fault in it; raises ``StaleRowError``."""
        found = [each for each in places(source, self.function) if self._means(each)]
        if len(found) != 1:
            reason = f"the text is there {len(found)} times, and must be once"
            raise StaleRowError(f"{self}: {reason}{'' if found else self._nearest(source)}")
        (place,), text = found, source.encode()
        after = self.after.partition(" ")[2] if _is_head(self.after) else self.after
        if not place.is_statement:
            after = f"({after})"
        return (text[: place.start] + after.encode() + text[place.end :]).decode()

    def _nearest(self, source: str) -> str:
        """Return what may have become of the text, by how much is alike."""
        names = dict.fromkeys(name for name, _ in functions(source))
        known = [
            f"{name}: {place.text}"
            for name in names
            for place in places(source, name)
            if place.is_statement or not self.before.endswith("...")
        ]
        near = get_close_matches(f"{self.function}: {self.before}", known, 1, cutoff=0)
        return f". Most alike is {near[0]}" if near else ""

    def _means(self, place: Place) -> bool:
        if self.before.endswith("..."):
            return place.is_statement and place.text.startswith(self.before[:-3])
        return place.text == _normal(self.before)


def _is_head(text: str) -> bool:
    return text.startswith(("if ", "while "))


def _normal(text: str) -> str:
    if _is_head(text):
        word, _, condition = text.partition(" ")
        return f"{word} {_normal(condition)}"
    return ast.unparse(ast.parse(text))


def load(table: Path = TABLE) -> list[Mutant]:
    """Return the rows of a table; raises ValueError for one that lacks a key, or has another."""
    rows = tomllib.loads(table.read_text()).get("mutant", [])
    return [_row(number, row) for number, row in enumerate(rows, 1)]


def _row(number: int, row: Mapping[str, str]) -> Mutant:
    names = [field.name for field in fields(Mutant)]
    if sorted(row) != sorted(names):
        raise ValueError(f"mutant {number} has {', '.join(row)}; it needs {', '.join(names)}")
    return Mutant(**row)
