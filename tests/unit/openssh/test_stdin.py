"""What a command reads: bytes as they are, text as pyinfra's connectors write it."""

from __future__ import annotations

from io import BytesIO, StringIO

import pytest

from homeport.files.install import BYTES, StdinPayload
from homeport.openssh.stdin import after, again, chunks


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, b""),
        ("", b""),
        ("one", b"one\n"),
        ("one\n", b"one\n"),
        (["a", "b\n"], b"a\nb\n"),
        (StringIO("a\nb"), b"a\nb\n"),
        (b"\xff\0", b"\xff\0"),
        (BytesIO(b"a\nb\n"), b"a\nb\n"),
        (StdinPayload(b"\xff", b"\0"), f"{BYTES}\n".encode() + b"\xff\0"),
    ],
)
def test_stdin__it_is_sent_byte_by_byte(value: object, data: bytes) -> None:
    assert b"".join(chunks(value)) == data


@pytest.mark.parametrize("value", [StringIO("a\n"), ["a"], StdinPayload(b"a"), b"a", "a"])
def test_stdin__it_can_be_sent_again(value: object) -> None:
    twice = after(b"first\n", again(value))
    assert list(twice) == list(twice)
    assert next(iter(twice)) == b"first\n"
    assert len(list(twice)) > 1
