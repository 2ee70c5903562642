"""Running a program, and saying in one line why it failed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from homeport.errors import UserError

# A shell that did not log in as root has none of these on its PATH, and half of our tools in them.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment with the system's own programs on PATH and messages in English."""
    path = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_PATH}"
    return {**os.environ, "LC_ALL": "C.UTF-8", **(extra or {}), "PATH": path}


def attempt(
    argv: Sequence[str],
    *,
    stdin: str = "",
    extra: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program and return what came of it: code 127, as in a shell, where there is no such.

    Raises subprocess.TimeoutExpired after timeout seconds.
    """
    try:
        return subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment(extra),
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(argv, 127, "", f"{argv[0]}: no such program")


def output(argv: Sequence[str], *, stdin: str = "", extra: Mapping[str, str] | None = None) -> str:
    """Run a program that must succeed and return its standard output.

    Raises UserError with the program's last words when it fails.
    """
    done = attempt(argv, stdin=stdin, extra=extra)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise UserError(
            f"{' '.join(argv[:4])} failed with code {done.returncode}: {words}",
            fix="see the message, then run `python -m lab up` again",
        )
    return done.stdout
