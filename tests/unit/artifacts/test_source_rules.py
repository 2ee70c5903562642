"""What artifacts.source_rules promises."""

from __future__ import annotations

import pytest

from homeport.artifacts.source_rules import SourceRules, matched


@pytest.mark.parametrize(
    ("path", "pattern", "part"),
    [
        ("shop/notes.md", "*.md", "shop/notes.md"),
        ("shop/data/a.bin", "data", "shop/data"),
        ("data/a.bin", "/data", "data"),
        ("shop/data/a.bin", "/data", None),
        ("docs/drafts/a", "docs/drafts/", "docs/drafts"),
        ("docs/drafts/a", "docs/*", "docs/drafts"),
        ("shop/a.py", "shop/b.py", None),
        ("a", "a/", "a"),
    ],
)
def test_source_rules__a_name_fits_anywhere_and_a_path_from_the_source(
    path: str, pattern: str, part: str | None
) -> None:
    assert matched(path, (pattern,)) == part
    assert SourceRules(exclude=(pattern,)).excluded_part(path) == part


def test_source_rules__a_glob_names_no_file() -> None:
    rules = SourceRules(include=("*.env", "/.env", "secrets"))
    assert rules.includes("shop/.env")
    assert [
        path for path in (".env", "shop/.env", "a/secrets", "a/secrets/x") if rules.names(path)
    ] == [
        ".env",
        "a/secrets",
    ]


def test_source_rules__an_own_path_is_no_pattern() -> None:
    rules = SourceRules(own=("group_data", "a*"))
    assert rules.own_part("group_data/all.py") == "group_data"
    assert rules.own_part("shop/group_data/all.py") is None
    assert rules.own_part("app.py") is None
