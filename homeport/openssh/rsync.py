"""rsync(1) over the login that commands share."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import Any

from gevent import subprocess
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.openssh.process import ERR, OUT


def is_there() -> bool:
    """Return whether this machine has it."""
    return shutil.which("rsync") is not None


def command(
    client: Sequence[str],
    source: str,
    place: str,
    flags: Iterable[str],
    arguments: Mapping[str, Any],
) -> list[str]:
    """Return the command that copies files to a place on a host (``HOST:PATH``).

    + client: the command that runs ssh to the host
    """
    path = []
    if arguments.get("_sudo"):
        user = arguments.get("_sudo_user")
        path = [f"--rsync-path=sudo -n {f'-u {quote(user)} ' if user else ''}rsync"]
    return ["rsync", *flags, f"--rsh={' '.join(map(quote, client))}", *path, source, place]


def run(words: Sequence[str]) -> tuple[bool, CommandOutput]:
    """Run it; return whether it exits with 0, and its output."""
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    output = [OutputLine(OUT, text) for text in done.stdout.splitlines()]
    output += [OutputLine(ERR, text) for text in done.stderr.splitlines()]
    return done.returncode == 0, CommandOutput(output)
