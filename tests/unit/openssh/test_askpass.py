"""ssh is given a password once, and nothing of it stands in an environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import gevent
import pytest
from gevent import subprocess as cooperative

from homeport.openssh.askpass import answering
from homeport.openssh.become import Password
from tests.support.fake_login import WORD
from tests.support.short_folder import short_folder

__all__ = ["short_folder"]


def ask(environment: dict[str, str], prompt: str) -> tuple[int, bytes]:
    done = cooperative.run(
        [environment["SSH_ASKPASS"], prompt],
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
        timeout=5,
    )
    return done.returncode, done.stdout


def test_askpass__a_password_is_given_once(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    with answering(Password(WORD)) as environment:
        assert WORD not in str(environment)
        files = [path for path in (short_folder / "homeport-ssh").iterdir() if path.is_file()]
        assert not any(WORD in path.read_text() for path in files)
        assert ask(environment, "Enter passphrase for key '/x': ") == (1, b"")
        assert ask(environment, "Are you sure (yes/no/[fingerprint])? ") == (1, b"")
        assert ask(environment, "pi@shed's Passwort: ") == (0, f"{WORD}\n".encode())
        gevent.sleep(0.1)
        assert ask(environment, "New password: ") == (0, b"")
    assert list((short_folder / "homeport-ssh").iterdir()) == []
