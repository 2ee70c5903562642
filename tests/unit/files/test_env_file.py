"""What files.env_file promises."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from homeport.files.env_file import render
from tests.support.host_shells import HARD, names, values


def systemd_reads(text: str) -> dict[str, str]:
    """Environment files as systemd.exec(5) and env-file.c have them, for values in double quotes.

    A backslash before ``"``, a backslash, a backtick or ``$`` is dropped; before anything else
    it stays.
    """
    variables = {}
    for line in text.split("\n"):
        if not line or line[0] in "#;":
            continue
        name, _, rest = line.partition("=")
        assert rest[0] == rest[-1] == '"'
        value, letters = "", iter(rest[1:-1])
        for letter in letters:
            if letter == "\\":
                following = next(letters)
                value += following if following in '"\\`$' else f"\\{following}"
            else:
                assert letter != '"', "the value ends before its line does"
                value += letter
        variables[name] = value
    return variables


@given(st.dictionaries(names, values))
@example(HARD)
def test_env_file__systemd_reads_an_environment_file_as_it_was_described(
    variables: Mapping[str, str],
) -> None:
    assert systemd_reads(render(variables).decode()) == variables


@given(st.dictionaries(names, values))
@example(HARD)
def test_env_file__a_shell_like_reader_does_too(variables: Mapping[str, str]) -> None:
    words = shlex.split(render(variables).decode(), comments=True)
    assert dict(word.split("=", 1) for word in words) == variables


def test_env_file__an_environment_file_is_sorted_and_says_who_wrote_it() -> None:
    assert render({"B": "2", "A": "1"}) == (
        b'# Written by homeport; a change made here is put back by the next deploy.\nA="1"\nB="2"\n'
    )
