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

from pyinfra.api.state import State


def exit_fast() -> None:
    """Have this process end as soon as pyinfra has said its last word and hung up.

    What is to be done at exit is done, and what was written is flushed. An error that is still to
    be told is told first, in pyinfra's way. A deploy that nobody confirmed is reverted before: a
    run that leaves one has failed, whatever pyinfra makes of it.
    """
    # By name: it changes the world when it is imported, and pyinfra has done so by now.
    cli: Any = import_module("pyinfra_cli.cli")
    cli.disconnect_all = _then_leave(cli.disconnect_all)


def _then_leave(disconnect: Callable[[State], None]) -> Callable[[State], None]:
    def disconnect_and_leave(state: State) -> None:
        # pyinfra hangs up on its way out: what ends the run is being raised just now.
        error = sys.exc_info()[1]
        unconfirmed = _revert(state)
        disconnect(state)
        if unconfirmed and isinstance(error, SystemExit) and not error.code:
            error.code = 1
        if isinstance(error, SystemExit) and isinstance(error.code, int):
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(error.code)

    return disconnect_and_leave


def _revert(state: State) -> bool:
    # A run that deployed nothing has no need of the module, and spares itself the import.
    reverting: Any = sys.modules.get("homeport.engine.rollback_on_failure")
    return reverting is not None and reverting.revert_all(state)
