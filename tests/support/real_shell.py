"""Real shells, run as a host's would be: the script on standard input, nothing of ours around."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence

import pytest

DASH = ("sh",)


FOUND = (DASH, ("bash", "--posix"), ("busybox", "sh"))
SHELLS = [pytest.param(name, id=name[0]) for name in FOUND if shutil.which(name[0])]


def run(
    script: str | bytes,
    shell: Sequence[str] = DASH,
    path: str = "/usr/sbin:/usr/bin:/sbin:/bin",
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a script that comes on standard input, as a look does."""
    stdin = script.encode() if isinstance(script, str) else script
    return subprocess.run(
        [*shell, "-s"],
        input=stdin,
        capture_output=True,
        env={"PATH": path, **(env or {})},
        cwd="/",
        timeout=30,
    )


def checked(script: str, shell: Sequence[str] = DASH) -> str:
    """Run a script that must succeed and have nothing to complain of."""
    done = run(f"set -eu\n{script}", shell)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


def is_shell(script: str, shell: Sequence[str] = DASH) -> None:
    """Fail unless a shell can read the script to its end."""
    done = subprocess.run([*shell, "-n"], input=script.encode(), capture_output=True, timeout=30)
    assert (done.returncode, done.stderr.decode()) == (0, "")
