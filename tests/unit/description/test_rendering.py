"""Templates are strict, and a command reaches its program word for word."""

from __future__ import annotations

import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeport.description.rendering import render, systemd_word, verbatim
from tests.support.systemd_words import systemd_words

TIMER = {"app": "shop", "name": "tidy", "at": "daily"}


@pytest.mark.parametrize("missing", TIMER)
def test_rendering__a_value_that_is_not_given_is_an_error_and_not_a_gap(missing: str) -> None:
    assert "OnCalendar=daily\n" in render("server/timer.j2", **TIMER)
    with pytest.raises(jinja2.UndefinedError, match=missing):
        render("server/timer.j2", **{name: TIMER[name] for name in TIMER if name != missing})


def test_rendering__a_template_that_is_not_there_is_an_error() -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        render("none.j2")


def test_rendering__a_file_is_taken_as_it_is() -> None:
    assert verbatim("host_programs/run").startswith(b"#!/bin/sh\n")


words = st.text(
    st.one_of(
        st.sampled_from("\\\"'%$;{} -+@:!~#=*?`&|<>\t"),
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
    ),
    max_size=12,
)


@given(st.lists(words, min_size=1))
@example(["", ";", "\\", '"', "'", "%n", "$HOME", "${HOME}", "$$", "%%", "a b", "\\x20", "#"])
def test_rendering__systemd_gives_a_program_the_words_that_were_written(command: list[str]) -> None:
    assert systemd_words(" ".join(systemd_word(word) for word in command)) == command


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("gunicorn", "gunicorn"),
        ("--bind=0.0.0.0:80", "--bind=0.0.0.0:80"),
        ("50%", "50%%"),
        ("$HOME", "$$HOME"),
        ("${HOME}", '"$${HOME}"'),
        ("", '""'),
        (";", '";"'),
        ("it's", '"it\'s"'),
    ],
)
def test_rendering__only_what_must_be_quoted_is(word: str, written: str) -> None:
    assert systemd_word(word) == written
