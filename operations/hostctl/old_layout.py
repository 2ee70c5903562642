"""A host of before the program was called homeportctl: how it is known, and what takes it over.

Nothing that was released ever left such a host. It is refused, and one command clears what is left.
"""

from __future__ import annotations

from pathlib import Path

from homeport.engine.kind import PreconditionError
from homeport.engine.run import current_host
from homeport.hostctl import protocol
from homeport.pyinfra_adapter.command_line import deploy_command

MARKS = ("/usr/local/lib/homeport", f"{protocol.UNITS}/homeport-boot.service")
"""Paths of which such a host has one at least, until it is taken over."""
TAKE_OVER = "deploys/take_over.py"
SCRIPT = Path(__file__).with_name("take_over.sh").read_text()
"""The shell, for root, that takes such a host over."""
FOUND = "old-layout"


def probe() -> str:
    """Return the shell that prints ``FOUND`` on such a host, and nothing on any other."""
    there = " || ".join(f"[ -e {mark} ]" for mark in MARKS)
    return f"if {there}; then echo {FOUND}; fi"


def refusal() -> PreconditionError:
    """Return why such a host is not deployed to, with the command that takes it over."""
    command = deploy_command(TAKE_OVER, current_host().name)
    return PreconditionError(
        "an earlier homeport deployed to this host. Fix: take it over, while its applications "
        f"serve on, with `{command}`, and deploy again"
    )
