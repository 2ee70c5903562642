"""What hostctl.plain_text promises."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.hostctl.plain_text import harmless, one_line, plain, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;cm0gLXJm\x07", r"\x1b]52;c;cm0gLXJm\x07"),
        ("\x1b[1A\x1b[2Kall is well", r"\x1b[1A\x1b[2Kall is well"),
        ("good\rbad", r"good\x0dbad"),
        ("\x9b2J\x7f\x85", r"\x9b2J\x7f\x85"),
        ("a\u202egnp.exe\u2066\u200f", r"a\u202egnp.exe\u2066\u200f"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("naïve 日本 🎉\tx\ny", "naïve 日本 🎉\tx\ny"),
    ],
)
def test_plain_text__what_a_terminal_would_obey_is_shown_by_its_number(
    text: str, shown: str
) -> None:
    assert harmless(text) == shown


@given(st.text(alphabet=st.characters(), max_size=40))
def test_plain_text__no_control_character_is_left_of_any_text(text: str) -> None:
    shown = harmless(text)
    left = {each for each in shown if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")}
    assert left <= {"\n", "\t"}
    assert not any(unicodedata.bidirectional(each) in BIDI for each in shown)
    shown.encode()
    assert len(one_line(text).splitlines()) <= 1


BIDI = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def test_plain_text__one_line_has_an_end() -> None:
    assert one_line("a\n  b\x1b") == r"a b\x1b"
    assert one_line("x" * 2000) == "x" * 2000
    assert one_line("x" * 2001) == f"{'x' * 2000}..."
    assert one_line(f"{' ' * 5000}x", 3).endswith("...")


def test_plain_text__a_stream_shows_what_is_written_to_it_and_takes_no_bytes() -> None:
    written = io.StringIO()
    stream = plain(written)
    print("a\x1b[2J", file=stream)
    stream.writelines(["b\x07", "c\n"])
    assert written.getvalue() == "a\\x1b[2J\nb\\x07c\n"
    assert stream.write("\x07") == 1
    assert not hasattr(stream, "buffer")
    assert stream.isatty() is False
    with pytest.raises(TypeError):
        stream.write(b"\x07")  # type: ignore[arg-type]


@given(st.text(max_size=20))
def test_plain_text__a_text_can_not_end_the_quotes_that_it_stands_in(text: str) -> None:
    shown = quoted(text)
    assert shown[0] == shown[-1] == '"'
    assert '"' not in shown[1:-1]
    assert len(shown) == len(text) + 2
