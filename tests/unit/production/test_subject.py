"""Questions and answers: each answer is whole, or there is a reason; never a default."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import cast
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testinfra.host import Host

from homeport.ssh.remote import UnreachableError
from tests.production.subject import Silent, ask, read, script

NONCE = "0123456789abcdef"


def answers_to(questions: dict[str, str]) -> dict[str, str | Silent]:
    """Ask this machine."""
    text = script(questions, NONCE)
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=False)
    return dict(read(questions, NONCE, done.stdout, done.stderr))


def test_subject__each_question_has_its_answer() -> None:
    assert answers_to({"a": "echo one; echo; echo two", "b": ":", "c": "printf x"}) == {
        "a": "one\n\ntwo",
        "b": "",
        "c": "x",
    }


def test_subject__a_question_that_fails_has_no_answer_and_the_others_have() -> None:
    found = answers_to({"a": "echo half; nosuchcommand; echo more", "b": "echo fine"})
    assert isinstance(found["a"], Silent)
    assert "nosuchcommand" in str(found["a"])
    assert found["b"] == "fine"


def test_subject__an_exit_inside_a_question_stays_inside() -> None:
    assert answers_to({"a": "echo none; exit 0", "b": "echo fine"})["b"] == "fine"


@given(st.integers(0, 200))
def test_subject__an_answer_cut_short_is_none(length: int) -> None:
    whole = f"one\n\n{NONCE} a 0\ntwo\n\n{NONCE} b 0\n"
    found = read({"a": "", "b": ""}, NONCE, whole[:length].rpartition("\n")[0], "")
    for name, text in (("a", "one"), ("b", "two")):
        assert found[name] == text or isinstance(found[name], Silent)


@given(st.text(), st.text())
def test_subject__noise_is_no_answer(stdout: str, stderr: str) -> None:
    assert isinstance(read({"a": ""}, NONCE, stdout, stderr)["a"], Silent)


@pytest.mark.parametrize(
    "raised", [UnreachableError("it is gone. Fix: look"), ValueError("x"), MemoryError()]
)
def test_subject__whatever_asking_raises_is_no_answer(raised: Exception) -> None:
    def run(text: str) -> None:
        raise raised

    found = ask(cast(Host, SimpleNamespace(run=run)), {"a": "", "b": ""})
    assert all(isinstance(each, Silent) for each in found.values())
    assert "\n" not in str(found["a"])


@pytest.mark.parametrize("answer", [b"x" * 5_000_000, b"\xff" * 5_000_000, b"\n" * 5_000_000])
def test_subject__an_answer_of_many_bytes_is_none(answer: bytes) -> None:
    done = SimpleNamespace(stdout_bytes=answer, stderr_bytes=b"")
    found = ask(cast(Host, SimpleNamespace(run=lambda _: done)), {"a": ""})
    assert 'answered what can\'t be read (ValueError: "more than 4194304 bytes")' in str(found["a"])


@pytest.mark.parametrize("line", [f"{NONCE} ", f"{NONCE} a", f"{NONCE} a 0 0", f"{NONCE} c 0"])
def test_subject__an_end_that_is_no_end_is_no_answer(line: str) -> None:
    done = SimpleNamespace(stdout_bytes=f"one\n{line}\n".encode(), stderr_bytes=b"")
    with mock.patch("tests.production.subject.secrets.token_hex", lambda _: NONCE):
        found = ask(cast(Host, SimpleNamespace(run=lambda _: done)), {"a": ""})
    assert isinstance(found["a"], Silent)


def test_subject__a_newline_alone_ends_a_line_of_an_answer() -> None:
    name = "a\v\f\x1c\x1d\x1e\x85\u2028\u2029at /etc/shadow"

    def run(text: str) -> object:
        nonce = text.rpartition('"')[0].rpartition('"')[2].split(" ")[0]
        answer = f"at {name}\nat /b\n\n{nonce} a 0\n"
        return SimpleNamespace(stdout_bytes=answer.encode(), stderr_bytes=b"")

    found = ask(cast(Host, SimpleNamespace(run=run)), {"a": ""})["a"]
    assert isinstance(found, str)
    assert found.splitlines() == ["at a????????at /etc/shadow", "at /b"]
