"""Templates are strict, and a command reaches its program word for word."""

from __future__ import annotations

import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeport.description import hardening
from homeport.description.rendering import render, systemd_word, verbatim
from tests.unit.deploys.conftest import Project
from tests.unit.deploys.test_description import units, values

TIMER = {"app": "shop", "name": "tidy", "at": "daily"}


@pytest.mark.parametrize("missing", TIMER)
def test_a_value_that_is_not_given_is_an_error_and_not_a_gap(missing: str) -> None:
    assert "OnCalendar=daily\n" in render("server/timer.j2", **TIMER)
    with pytest.raises(jinja2.UndefinedError, match=missing):
        render("server/timer.j2", **{name: TIMER[name] for name in TIMER if name != missing})


def test_a_template_that_is_not_there_is_an_error() -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        render("none.j2")


def test_a_file_is_taken_as_it_is() -> None:
    assert verbatim("host_programs/run").startswith(b"#!/bin/sh\n")


ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t", "s": " "}


def systemd_words(line: str) -> list[str]:
    """A command line as systemd.service(5) has it: words, quotes, C escapes, then ``%``, ``$``.

    An unquoted ``;`` that stands alone ends the command; ``$NAME`` and ``${NAME}`` are replaced.
    Both are errors here, since what was asked for is the word itself.
    """
    words, at = [], 0
    while at < len(line):
        if line[at] == " ":
            at += 1
            continue
        assert line[at:].split(" ")[0] != ";", "the command ends here"
        word, quote = "", ""
        while at < len(line) and (quote or line[at] != " "):
            letter = line[at]
            if letter == "\\":
                at += 1
                word += ESCAPES[line[at]]
            elif letter == quote:
                quote = ""
            elif not quote and letter in "\"'":
                quote = letter
            else:
                word += letter
            at += 1
        assert not quote, "a quote is left open"
        words.append(_dollars(_percents(word)))
    return words


def _percents(word: str) -> str:
    assert "%" not in word.replace("%%", ""), "a specifier"
    return word.replace("%%", "%")


def _dollars(word: str) -> str:
    rest = word.replace("$$", "")
    assert "$" not in rest, "a variable"
    return word.replace("$$", "$")


words = st.text(
    st.one_of(
        st.sampled_from("\\\"'%$;{} -+@:!~#=*?`&|<>\t"),
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
    ),
    max_size=12,
)


@given(st.lists(words, min_size=1))
@example(["", ";", "\\", '"', "'", "%n", "$HOME", "${HOME}", "$$", "%%", "a b", "\\x20", "#"])
def test_systemd_gives_a_program_the_words_that_were_written(command: list[str]) -> None:
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
def test_only_what_must_be_quoted_is(word: str, written: str) -> None:
    assert systemd_word(word) == written


def test_a_command_keeps_its_percents_and_dollars(project: Project) -> None:
    (line,) = values(units(project.describe())["shop-web.service"], "ExecStart")
    assert systemd_words(line) == [
        "/srv/shop/bin/run", "gunicorn", "--bind", "0.0.0.0:8000", "--name", "50% of $HOME",
        "shop.web:app",
    ]  # fmt: skip
    (line,) = values(units(project.describe())["shop-api@.service"], "ExecStart")
    assert "/run/shop-api-a/api.sock" in systemd_words(line.replace("-%i/", "-a/"))


def test_what_a_user_wrote_never_stands_for_the_slot(project: Project) -> None:
    project.replace("uvicorn --uds {socket}", "uvicorn --name %i --uds {socket}")
    (line,) = values(units(project.describe())["shop-api@.service"], "ExecStart")
    assert line.split()[1:4] == ["uvicorn", "--name", "%%i"]
    assert line.count("%i") == 2


def test_what_is_relaxed_is_left_out_and_nothing_else(project: Project) -> None:
    text = units(project.describe())
    web, api = text["shop-web.service"].splitlines(), text["shop-api@.service"].splitlines()
    gone = [line for line in hardening.DIRECTIVES if line in web and line not in api]
    assert gone == [
        "MemoryDenyWriteExecute=true",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged @resources",
        "SystemCallFilter=@chown",
    ]
    assert [line for line in hardening.DIRECTIVES if line in web] == list(hardening.DIRECTIVES)


@given(st.sets(st.sampled_from(sorted({d.partition("=")[0] for d in hardening.DIRECTIVES}))))
def test_any_set_of_directives_can_be_relaxed(relax: set[str]) -> None:
    kept = hardening.lines(relax)
    assert [d for d in hardening.DIRECTIVES if d.partition("=")[0] not in relax] == kept
    assert hardening.lines(()) == list(hardening.DIRECTIVES)
