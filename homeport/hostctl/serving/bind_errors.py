"""The reason why a process could not listen on its port, by the words in its log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from . import listeners
from .finding import Finding

TAKEN = re.compile(
    r"(address|port)\b.{0,20} already in use|errno 98\b|connection in use|EADDRINUSE"
    r"|running on the same address",
    re.IGNORECASE,
)
REFUSED = re.compile(
    r"permission denied|errno 13\b|EACCES|permission to access that port", re.IGNORECASE
)
PRIVILEGED = 1024
"""Ports below are root's: see ip_unprivileged_port_start in ip(7)."""
FIX = "give the process another port (processes.NAME.listen)"


def explain(log: Sequence[str], port: int, root: Path = Path("/")) -> Finding | None:
    """Return what keeps a process from its port, with the fix; None if its log names neither.

    The host is to blame if something else listens there.
    """
    if not port:
        return None
    if any(TAKEN.search(line) for line in log):
        found = ", ".join(map(str, listeners.listeners(port, root)))
        who = f": {found} listens there" if found else ""
        text = f"port {port} is taken{who}. Fix: stop what listens there, or {FIX}"
        return Finding(text, lasting=True, of_host=bool(found))
    if port < PRIVILEGED and any(REFUSED.search(line) for line in log):
        text = f"a service may not listen on port {port}, below {PRIVILEGED}"
        return Finding(f"{text}. Fix: {FIX}, or listen: socket behind the proxy", lasting=True)
    return None
