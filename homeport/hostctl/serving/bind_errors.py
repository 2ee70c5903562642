"""The reason why a process could not listen on its port, by the words in its log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from . import listeners

TAKEN = re.compile(r"address already in use|errno 98\b|connection in use", re.IGNORECASE)
REFUSED = re.compile(r"permission denied|errno 13\b", re.IGNORECASE)
PRIVILEGED = 1024
"""Ports below are root's: see ip_unprivileged_port_start in ip(7)."""
FIX = "give the process another port (processes.NAME.listen)"


def explain(log: Sequence[str], port: int, root: Path = Path("/")) -> str:
    """Return what keeps a process from its port, and the fix; nothing if its log names neither."""
    if not port:
        return ""
    if any(TAKEN.search(line) for line in log):
        found = ", ".join(map(str, listeners.listeners(port, root)))
        who = f": {found} listens there" if found else ""
        return f": port {port} is taken{who}. Fix: stop what listens there, or {FIX}"
    if port < PRIVILEGED and any(REFUSED.search(line) for line in log):
        text = f"a service may not listen on port {port}, below {PRIVILEGED}"
        return f": {text}. Fix: {FIX}, or listen: socket behind the proxy"
    return ""
