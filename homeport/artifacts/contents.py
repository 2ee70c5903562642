"""The contents of a file: its digest, and what it holds that is no code."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

_CHUNK = 1 << 20  # bytes
_OVERLAP = 256  # bytes: no mark is longer, so none is missed where two chunks meet
_KEY = re.compile(
    # RFC 7468, as a line or inside a string; PGP (RFC 9580), OpenSSH and RFC 4716 likewise.
    rb"-----? ?BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)? ?-----?"
    rb"[ \t]*(?:[\r\n]|\\r|\\n|[ \t][A-Za-z0-9+/]{16}|\Z)"
    rb"|PuTTY-User-Key-File-[0-9]+:"
    rb"|AGE-SECRET-KEY-1[0-9A-Z]{50}"
    rb"|-----BEGIN OpenVPN [A-Za-z0-9 -]{1,40}-----[\r\n]"
    # WireGuard (wg(8)), and a private JWK (RFC 7517).
    rb"|(?m:^[ \t]*PrivateKey[ \t]*=[ \t]*[A-Za-z0-9+/]{43}=)"
    rb'|"kty"[^{}]{1,8000}"d"[ \t]*:[ \t]*"[A-Za-z0-9_-]{32}'
    rb'|"d"[ \t]*:[ \t]*"[A-Za-z0-9_-]{32}[^{}]{1,8000}"kty"'
)
_MARKS = (
    *(b"PRIVATE KEY", b"PuTTY-User-Key-File-", b"AGE-SECRET-KEY-1"),
    *(b"BEGIN OpenVPN", b"PrivateKey", b'"kty"'),
)
_WIDE = "PRIVATE KEY".encode("utf-16-le")
_LENGTH = rb"(?:[\x00-\x7f]|\x81.|\x82..)"
_DER = re.compile(
    # PKCS 8 (RFC 5958), encrypted or not; RSA (RFC 8017); EC (RFC 5915).
    rb"\x30%(n)b(?:\x02\x01[\x00\x01]\x30%(n)b\x06|\x30%(n)b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05"
    rb"|\x02\x01\x00\x02(?:\x81.|\x82..)|\x02\x01\x01\x04[\x14-\x48])" % {b"n": _LENGTH},
    re.DOTALL,
)
_POINTER = re.compile(rb"version https://(?:git-lfs\.github|hawser\.github)\.com/spec/v[0-9]+\r?\n")
_LONGEST_POINTER = 1024  # bytes (Git LFS specification)


class Contents(NamedTuple):
    """The SHA-256 of a file in hexadecimal digits, its bytes, and what was found in it.

    `is_key` is true if a private key stands in it, `is_pointer` if it is a pointer of Git LFS.
    """

    digest: str
    size: int
    is_key: bool
    is_pointer: bool


def read_contents(path: Path) -> Contents:
    """Return what a file holds; raises ``OSError``."""
    digest, size, is_key = hashlib.sha256(), 0, False
    start = window = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            start = start or chunk[:_LONGEST_POINTER]
            size += len(chunk)
            window = window[-_OVERLAP:] + chunk
            is_key = is_key or _has_key(window)
    is_key = is_key or _DER.match(start) is not None
    is_pointer = size < _LONGEST_POINTER and _POINTER.match(start) is not None
    return Contents(digest.hexdigest(), size, is_key, is_pointer)


def _has_key(text: bytes) -> bool:
    # Large files are searched for a word first, which is faster than any pattern.
    if _WIDE in text:
        text = text.replace(b"\0", b"")
    return any(mark in text for mark in _MARKS) and _KEY.search(text) is not None
