"""The work that pyinfra does anew for each operation on each host, done with less.

Each shortcut comes to the same as the long way. What the operations do costs next to nothing where
nothing is to be changed; to know their place in deploy.py, and the arguments that they have in
common, cost most of a run on many hosts.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from copy import copy
from functools import cache
from itertools import dropwhile, islice
from pathlib import Path
from traceback import walk_stack
from types import SimpleNamespace
from typing import Any

import pyinfra
from pyinfra.api import arguments
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.progress import progress_spinner

from homeport.pyinfra_adapter.commands import print_failure

SPINNERS = ("pyinfra.api.connect", "pyinfra.api.operations", "pyinfra_cli.util")
PRINTERS = ("pyinfra.api.operations", "pyinfra.api.facts")
PYINFRA = str(Path(pyinfra.__file__).parent)
SHOWN = 200
"""Hosts that are named while one waits for them: more than fit on the line."""

_names_and_types = cache(arguments.all_global_arguments)
_pop = arguments.pop_global_arguments


def apply_patches() -> None:
    """Apply the patches to pyinfra, in this process."""
    # By name: what its package calls so is the decorator.
    operation: Any = sys.modules["pyinfra.api.operation"]
    operation.get_operation_order_from_stack = order
    operation.pop_global_arguments = pop_global_arguments
    arguments.all_global_arguments = _names_and_types
    for name in PRINTERS:
        vars(sys.modules[name])["print_host_combined_output"] = print_failure
    # No line tells of a thread, and for its name each host's turn would be made one.
    logging.logThreads = False
    for name in SPINNERS:
        if (waiting := sys.modules.get(name)) is not None:
            vars(waiting)["progress_spinner"] = lambda items: progress_spinner(TruncatedSet(items))


def order(state: State) -> list[int]:
    """Return where the operation stands that is being called: the file's number, then lines.

    The lines are those of the deploy file and of what it called, without pyinfra's own. pyinfra
    has each frame's source read for that, and asks every module whether it is the deploy file.
    """
    stack = [(frame.f_code.co_filename, line) for frame, line in walk_stack(sys._getframe(1))]
    outermost_first: Iterable[tuple[str, int]] = reversed(stack)
    if deploy := state.current_deploy_filename:
        outermost_first = dropwhile(lambda place: place[0] != deploy, outermost_first)
    lines = [line for file, line in outermost_first if not file.startswith(PYINFRA)]
    return [state.current_op_file_number, *lines]


def pop_global_arguments(state: State, host: Host, kwargs: dict[str, Any]) -> Any:
    """Return the arguments that all operations have in common, as pyinfra finds them.

    pyinfra merges the host's data for each of forty names; here that is done once.
    """
    data = host.data.dict()
    known = {name: copy(data[name]) for name, _ in _names_and_types() if name in data}
    seen: Any = SimpleNamespace(
        data=SimpleNamespace(**known), current_deploy_kwargs=host.current_deploy_kwargs
    )
    return _pop(state, seen, kwargs)


class TruncatedSet(set[Any]):
    """The hosts that are waited for: all are there, and few are told one by one.

    Each time that one of them is done, pyinfra makes a line of all the others' names.
    """

    def __iter__(self) -> Iterator[Any]:
        return islice(super().__iter__(), SHOWN)
