"""The one way in which the host program runs other programs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn

from .exit_codes import NOT_FOUND

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where programs are searched for: a user's PATH must not reach root."""

MISSING, TIMEOUT = NOT_FOUND, 124
"""Exit codes, as a shell and timeout(1) have them."""


class CompletedCommand(NamedTuple):
    """A program that has ended: its exit code, what it printed, and its errors."""

    code: int
    out: str
    err: str


class Commands:
    """Runs programs. Tests have one of their own, with the same methods, that runs none."""

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002 - what it is called everywhere else
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> CompletedCommand:
        """Run a program to its end, and return its exit code and output.

        ``env`` is added to a bare environment.

        Code 127 means that there is no such program, 124 that it was killed after ``timeout``
        seconds.
        """
        import subprocess  # half of our start, and many verbs run nothing

        try:
            done = subprocess.run(
                argv,
                stdin=subprocess.DEVNULL if input is None else None,
                input=None if input is None else input.encode(),
                capture_output=True,
                env=_environment(env),
                timeout=timeout,
                check=False,
            )
        except OSError as error:
            return CompletedCommand(MISSING, "", f"{argv[0]}: {error.strerror}")
        except subprocess.TimeoutExpired as late:
            stderr = _text(late.stderr)
            return CompletedCommand(
                TIMEOUT, _text(late.stdout), f"{stderr}no end after {timeout} s"
            )
        return CompletedCommand(done.returncode, _text(done.stdout), _text(done.stderr))

    def become(self, argv: Sequence[str]) -> NoReturn:
        """Become another program, with our own input and output."""
        os.execvpe(argv[0], list(argv), _environment(None))  # noqa: S606 - no shell is wanted


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    return {"PATH": PATH, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", **(extra or {})}


def _text(output: bytes | None) -> str:
    return (output or b"").decode(errors="replace")
