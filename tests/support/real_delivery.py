"""Deliveries run for real: the script as a command, its payload on standard input."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pyinfra.api.command import PyinfraCommand, StringCommand

from homeport.files import install
from homeport.files.entries import Entry

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root may give files to others: run these tests as root"
)


def sent(payload: install.StdinPayload) -> bytes:
    """What a connector of pyinfra's would write to the standard input of the command."""
    return "".join(f"{line}\n" for line in payload.readlines()).encode()


def run_command(
    command: str | PyinfraCommand,
    shell: Sequence[str] = ("sh",),
    path: str = "/usr/sbin:/usr/bin:/sbin:/bin",
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run what an operation yields."""
    assert isinstance(command, StringCommand)
    stdin = command.connector_arguments.get("_stdin")
    return subprocess.run(
        [*shell, "-c", command.get_raw_value()],
        input=sent(stdin).decode() if stdin else "",
        capture_output=True,
        text=True,
        env={"PATH": path, **(env or {})},
        cwd="/",
        timeout=60,
    )


def deliver(
    entries: Sequence[Entry], shell: Sequence[str] = ("sh",), **options: Any
) -> subprocess.CompletedProcess[str]:
    script = install.install(entries, **options)
    return run_command(StringCommand(script, _stdin=install.payload(entries)), shell)
