"""Passwords of accounts on hosts: made here once, and kept in files that only their owner reads."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from lab.command import output
from lab.privilege import owner


def password(file: Path) -> str:
    """Return the password that a file has; without a file, make both."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"{secrets.token_urlsafe(12)}\n")
        shutil.chown(file, *owner())
    return file.read_text()


def hashed(text: str) -> str:
    """Return what shadow(5) has of a password."""
    return output(["openssl", "passwd", "-6", "-stdin"], stdin=text).strip()
