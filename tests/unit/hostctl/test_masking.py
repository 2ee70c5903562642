"""What hostctl.masking promises."""

from __future__ import annotations

import base64
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.hostctl.masking import SHORTEST, Masks

SECRET = "C0rrect'horse\\\"bättery$staple%x/y+z=="
masked = Masks({"TOKEN": SECRET})
FORMS = {
    "itself": SECRET,
    "upper case": SECRET.upper(),
    "lower case": SECRET.lower(),
    "repr": repr(SECRET),
    "repr of bytes": repr(SECRET.encode()),
    "ascii": ascii(SECRET),
    "JSON": json.dumps(SECRET),
    "JSON of UTF-8": json.dumps(SECRET, ensure_ascii=False),
    "a URL": quote(SECRET, safe=""),
    "a form": quote_plus(SECRET),
    "a shell's word": shlex.quote(SECRET),
    "hex": SECRET.encode().hex(),
    "upper hex": SECRET.encode().hex().upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "a login": base64.b64encode(b"ann:" + SECRET.encode()).decode(),
    "another login": base64.b64encode(b"anna:" + SECRET.encode() + b"\n").decode(),
    "one more login": base64.b64encode(b"annie:" + SECRET.encode()).decode(),
    "base64 for a URL": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base32": base64.b32encode(SECRET.encode()).decode(),
    "backwards": SECRET[::-1],
    "the start of it": SECRET[:11],
    "the middle of it": SECRET[9:19],
    "twice": SECRET + SECRET,
}


def parts(text: str) -> set[str]:
    return {text[at : at + SHORTEST].lower() for at in range(len(text) - SHORTEST + 1)}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_masking__a_secret_is_found_in_every_form(form: str) -> None:
    shown = masked(f"it says: {form} and more")
    assert "(TOKEN)" in shown
    assert shown.startswith("it says: ")
    assert shown.endswith(" and more")
    # What is left is too short to tell it, but for what an encoding adds at an end.
    assert not parts(shown) & parts(form[3:-4])


@given(st.text(min_size=SHORTEST, max_size=30), st.text(max_size=9), st.text(max_size=9))
def test_masking__nothing_of_any_secret_is_left(secret: str, before: str, after: str) -> None:
    shown = Masks({"X": secret})(f"{before}{secret}{after}")
    assert secret not in shown
    assert "(X)" in shown


@given(st.text(max_size=60))
def test_masking__what_holds_no_secret_stays(text: str) -> None:
    assert Masks({"X": "\ue000\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008"})(text) == text
    assert Masks()(text) == text


def test_masking__of_two_secrets_that_share_a_part_nothing_is_left() -> None:
    both = Masks({"A": "abcdefgh", "B": "abcdefghijklmnop"})
    assert both("x abcdefghijklmnop y abcdefgh z") == "x (A) y (A) z"


def test_masking__a_scheme_is_no_part_of_a_secret() -> None:
    masks = Masks({"URL": "https://user:hunter2hunter2@db.example.org/"})
    assert masks("see https://docs.python.net") == "see https://docs.python.net"
    assert "hunter2" not in masks("can't reach https://user:hunter2hunter2@db.example.org/")


@pytest.mark.parametrize("secret", ["y", "1234", "seven77"])
def test_masking__a_secret_that_is_too_short_is_noted_and_spoils_no_text(secret: str) -> None:
    masks = Masks({"PIN": secret})
    assert masks("only yesterday 1234") == "only yesterday 1234"
    assert list(masks.short) == ["PIN"]
