"""Secrets are known by their names, and replaced as they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.files import env_file
from homeport.hostctl.snapshots import secret_values
from homeport.hostctl.snapshots.entry import SnapshotEntry
from homeport.hostctl.snapshots.images import Image
from homeport.hostctl.system.paths import AppPaths

PLACE = AppPaths("shop")
letters = st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f")
text = st.text(letters, min_size=8, max_size=20)


def images(value: str, config: str) -> list[Image]:
    """Return an environment file with a secret, and a file that was made with it."""
    content = env_file.render({"TOKEN": value, "OTHER": "other-value"})
    return [
        Image(SnapshotEntry("/etc/homeport/shop/secrets", "file", 0o600), content),
        Image(SnapshotEntry("/etc/homeport/shop/config/a", "file", 0o440), config.encode()),
        Image(SnapshotEntry("/etc/homeport/shop/config/b", "file", 0o640), config.encode()),
    ]


@given(text, text)
def test_secret_values__what_homeport_writes_is_read_and_written_anew(old: str, new: str) -> None:
    had = images(old, "")
    assert secret_values.of_images(PLACE, had) == {"TOKEN": old, "OTHER": "other-value"}
    found = secret_values.replaced(PLACE, had, {"TOKEN": new, "UNKNOWN": "x"})
    assert found.images[0].content == env_file.render({"TOKEN": new, "OTHER": "other-value"})
    assert found.left == []


@pytest.mark.parametrize("written", [str, json.dumps, lambda value: quote(value, safe="")])
def test_secret_values__a_value_in_a_file_is_replaced_in_the_form_that_it_has_there(
    written: Callable[[str], str],
) -> None:
    old, new = 'pass"word/ü +1', "another: päss\\word"
    had = images(old, f"before {written(old)} after\n")
    found = secret_values.replaced(PLACE, had, {"TOKEN": new}).images
    assert found[1].content.decode() == f"before {written(new)} after\n"
    # What any service may write wasn't made with a secret.
    assert found[2] == had[2]


def test_secret_values__two_that_change_places_are_both_right() -> None:
    content = env_file.render({"A": "value-of-a", "B": "value-of-b"})
    had = [
        Image(SnapshotEntry("/etc/homeport/shop/secrets", "file", 0o600), content),
        Image(
            SnapshotEntry("/etc/homeport/shop/config/a", "file", 0o440), b"value-of-a value-of-b"
        ),
    ]
    found = secret_values.replaced(PLACE, had, {"A": "value-of-b", "B": "value-of-a"}).images
    assert found[1].content == b"value-of-b value-of-a"


def test_secret_values__one_that_is_too_short_is_named_and_left_where_text_may_be_alike() -> None:
    found = secret_values.replaced(PLACE, images("abc", "abcabc"), {"TOKEN": "longer-value"})
    assert found.left == ["TOKEN in /etc/homeport/shop/config/a"]
    assert found.images[1].content == b"abcabc"
    assert secret_values.of_images(PLACE, found.images)["TOKEN"] == "longer-value"
