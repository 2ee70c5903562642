"""Commands that run on hosts: what ends us ends them too.

A command outlives its connection. So each is remembered while it runs, and ended there, with all
that it has started, when it is given up here: by Ctrl-C, by a limit, or at the end of the process.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable

from homeport.openssh.marks import Marks

END = """\
kill -s TERM -- -{pid} 2>/dev/null
n=0
while kill -s 0 -- -{pid} 2>/dev/null && [ $n -lt 20 ]; do sleep 0.1; n=$((n + 1)); done
kill -s KILL -- -{pid} 2>/dev/null
exit 0"""
"""Shell that ends a process group: the shell around a command leads one (setsid(2), by sshd)."""

_running: dict[str, tuple[Marks, Callable[[str], None]]] = {}


def remember(marks: Marks, run: Callable[[str], None]) -> None:
    """Note a command that begins; ``run`` runs a script on its host as the same user."""
    _running[marks.word] = (marks, run)


def forget(marks: Marks) -> None:
    """Note that a command has ended."""
    _running.pop(marks.word, None)


def end(marks: Marks) -> None:
    """End a command on its host, if it has begun there and hasn't ended."""
    found = _running.pop(marks.word, None)
    if found is not None and marks.pid is not None and marks.code is None:
        found[1](END.format(pid=marks.pid))


def end_all() -> None:
    """End every command that is still running."""
    for marks, _ in list(_running.values()):
        end(marks)


atexit.register(end_all)
