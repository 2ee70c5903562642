"""Marks tell a command's end from that of ssh, and are taken out of what it printed."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.openssh.marks import GATE, Marks
from homeport.openssh.process import ERR, OUT


def around(words: str, cut: int = 10**6) -> tuple[Marks, list[tuple[str, str]]]:
    lines: list[tuple[str, str]] = []
    marks = Marks(line=lambda name, text: lines.append((name, text)))
    done = subprocess.run(["sh", "-c", marks.around(words)], capture_output=True)
    for name, data in ((ERR, done.stderr), (OUT, done.stdout)):
        for start in range(0, len(data), cut):
            marks.take(name, data[start : start + cut])
    marks.end()
    return marks, lines


@pytest.mark.parametrize("code", [0, 1, 255])
def test_marks__a_command_says_how_it_ended(code: int) -> None:
    marks, lines = around(f"sh -c 'echo out; echo err >&2; exit {code}'")
    assert marks.code == code
    assert marks.pid
    assert sorted(lines) == [(ERR, "err"), (OUT, "out")]


def test_marks__a_command_that_is_killed_has_an_end_of_its_own() -> None:
    assert around("sh -c 'kill -9 $$'")[0].code == 137


@given(st.integers(1, 40))
def test_marks__it_does_not_matter_how_what_comes_is_cut(cut: int) -> None:
    marks, lines = around("sh -c 'printf \"one\\ntwo\" >&2; printf x'", cut)
    assert marks.code == 0
    assert sorted(lines) == [(ERR, "one"), (ERR, "two"), (OUT, "x")]


def test_marks__what_is_no_text_is_handed_on_all_the_same() -> None:
    assert around("printf '\\377\\n'")[1] == [(OUT, "\ufffd")]


def test_marks__bytes_are_handed_on_as_they_are() -> None:
    taken: list[bytes] = []
    marks = Marks(raw=taken.append)
    assert marks.take(OUT, b"\xff\n\0")
    assert taken == [b"\xff\n\0"]


def test_marks__what_sudo_prints_is_held_until_the_command_begins() -> None:
    lines: list[tuple[str, str]] = []
    marks = Marks(line=lambda name, text: lines.append((name, text)), holds=True)
    marks.take(ERR, f"of ssh\n{marks.word} P 7\na lecture\n".encode())
    assert lines == []
    assert marks.early == ["of ssh"]
    marks.take(ERR, f"{marks.word} B\nmore\n".encode())
    assert lines == [(ERR, "a lecture"), (ERR, "more")]


@pytest.mark.parametrize(("stdin", "output"), [(b"", b""), (GATE + b"in", b"in")])
def test_marks__a_gated_command_that_was_given_up_runs_nothing(stdin: bytes, output: bytes) -> None:
    line = Marks().around("cat", gated=True)
    done = subprocess.run(["sh", "-c", line], input=stdin, capture_output=True, check=False)
    assert done.stdout == output
    assert (b" P " in done.stderr) is bool(stdin)
