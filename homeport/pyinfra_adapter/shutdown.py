"""The end of a run, without tidying up a memory that is given back anyway.

Python takes apart every module before it ends, and pyinfra has a thousand of them. That takes as
long as a host takes to be connected to.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra.api.state import State

Unfinished = Callable[[State], bool]
"""Ends what a run has left unfinished; returns whether there was anything, so that it failed."""

_unfinished: WeakKeyDictionary[State, list[Unfinished]] = WeakKeyDictionary()


def before_hanging_up(state: State, end: Unfinished) -> None:
    """Register a function that ends unfinished work of a run before its hosts are disconnected."""
    _unfinished.setdefault(state, []).append(end)


def exit_fast(
    report: Callable[[State], object] | None = None,
    summary: Callable[[State], object] | None = None,
) -> None:
    """Make this process exit as soon as pyinfra has printed its last line and disconnected.

    What is to be done at exit is done, and what was written is flushed. An error that is still to
    be told is told first, in pyinfra's way. What was left unfinished is ended before: a run that
    leaves any of it has failed, whatever pyinfra makes of it.

    + report: called with what came of the run, before pyinfra hangs up
    + summary: called last in a run that pyinfra ends itself: it prints the last line
    """
    # By name: it changes the world when it is imported, and pyinfra has done so by now.
    cli: Any = import_module("pyinfra_cli.cli")
    disconnect = cli.disconnect_all

    def disconnect_and_leave(state: State) -> None:
        # pyinfra hangs up on its way out: what ends the run is being raised just now.
        error = sys.exc_info()[1]
        unfinished = [end(state) for end in _unfinished.get(state, ())]
        if report is not None:
            report(state)
        disconnect(state)
        if any(unfinished) and isinstance(error, SystemExit) and not error.code:
            error.code = 1
        if isinstance(error, SystemExit) and isinstance(error.code, int):
            if summary is not None:
                summary(state)
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(error.code)

    cli.disconnect_all = disconnect_and_leave
