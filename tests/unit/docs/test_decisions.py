"""Decisions are numbered without a gap, and each has one line in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "docs/decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
LINE = re.compile(r"^- \[(.+)\]\((.+)\)$", re.M)


def titles(pages: list[Path]) -> dict[str, str]:
    """Return the title of each page, with its number, by the name of its file."""
    return {page.name: page.read_text().splitlines()[0].removeprefix("# ") for page in pages}


def faults(pages: dict[str, str], index: str) -> list[str]:
    """Return what is wrong with numbers, titles (by file name) and the text of the index."""
    numbers = [int(name[:4]) for name in pages]
    found = [
        f"{name} is number {number}, and {due} is due"
        for due, (name, number) in enumerate(zip(pages, numbers, strict=True), 1)
        if number != due
    ]
    found += [
        f"{name} has the title {title!r}"
        for (name, title), number in zip(pages.items(), numbers, strict=True)
        if not title.startswith(f"{number}. ")
    ]
    listed = sorted((name, title) for title, name in LINE.findall(index))
    if listed != sorted(pages.items()):
        differ = sorted(set(listed) ^ set(pages.items()))
        found.append(f"index: {differ or 'a page is there twice'}")
    return found


def test_numbers_are_consecutive_and_the_index_lists_each_decision_once() -> None:
    assert faults(titles(PAGES), (FOLDER / "README.md").read_text()) == []


GOOD = {"0001-a.md": "1. A", "0002-b.md": "2. B"}
INDEX = "- [1. A](0001-a.md)\n- [2. B](0002-b.md)\n"


@pytest.mark.parametrize(
    ("pages", "index", "fault"),
    [
        ({"0001-a.md": "1. A", "0003-b.md": "3. B"}, INDEX, "is number 3, and 2 is due"),
        ({"0001-a.md": "1. A", "0001-b.md": "1. B"}, INDEX, "is number 1, and 2 is due"),
        ({**GOOD, "0002-b.md": "3. B"}, INDEX, "0002-b.md has the title '3. B'"),
        (GOOD, "- [1. A](0001-a.md)\n", "index: [('0002-b.md', '2. B')]"),
        (GOOD, INDEX + "- [2. B](0002-b.md)\n", "index: a page is there twice"),
        (GOOD, INDEX.replace("[2. B]", "[2. C]"), "('0002-b.md', '2. C')"),
    ],
)
def test_a_gap_a_wrong_number_or_a_wrong_index_is_found(
    pages: dict[str, str], index: str, fault: str
) -> None:
    assert any(fault in line for line in faults(pages, index))


def test_the_pages_of_the_test_that_has_no_fault_have_none() -> None:
    assert faults(GOOD, INDEX) == []
