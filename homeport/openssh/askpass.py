"""A password for ssh: it asks a program of ours, which reads it once from a pipe.

The pipe lies in the runtime directory. Its path is all that stands in an environment.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent

from homeport.openssh import runtime
from homeport.openssh.become import Password
from homeport.openssh.process import environment

PIPE = "HOMEPORT_ASKPASS"
PROGRAM = f"""\
#!/bin/sh
# ssh asks for passphrases of keys and for consent here, too: neither is a host's password.
case $1 in "Enter passphrase"* | "Enter PIN"* | *"(yes/no"*) exit 1 ;; esac
exec cat "${PIPE}"
"""
POLL = 0.02

OPTIONS = (
    *("-o", "BatchMode=no", "-o", "NumberOfPasswordPrompts=1"),
    *("-o", "PreferredAuthentications=publickey,keyboard-interactive,password"),
    *("-o", "PasswordAuthentication=yes", "-o", "KbdInteractiveAuthentication=yes"),
)
"""Options of a login that may take a password; they have to stand first."""
PASSWORD_ALONE = ("-o", "PubkeyAuthentication=no")
"""Options besides, for a login that tries no key."""


@contextmanager
def answering(password: Password) -> Iterator[dict[str, str]]:
    """Yield the environment in which ssh gets a password, once; further questions get nothing."""
    folder = runtime.directory()
    name = secrets.token_hex(8)
    program, pipe = folder / f"askpass-{name}", folder / f"password-{name}"
    os.mkfifo(pipe, 0o600)
    # Made executable before it is there by its name: no process finds half of it.
    beside = folder / f".askpass-{name}"
    beside.write_text(PROGRAM)
    beside.chmod(0o700)
    beside.rename(program)
    answers = gevent.spawn(_answer, pipe, password)
    try:
        variables = {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force", PIPE: str(pipe)}
        yield environment(**variables)
    finally:
        answers.kill()
        program.unlink(missing_ok=True)
        pipe.unlink(missing_ok=True)


def _answer(pipe: Path, password: Password) -> None:
    output = f"{password}\n".encode()
    while True:
        try:
            end = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                return
            # No program has it open yet.
            gevent.sleep(POLL)
            continue
        try:
            os.write(end, output)
        except OSError:
            pass
        finally:
            os.close(end)
        output = b""
        gevent.sleep(POLL)
