"""What pyinfra works out anew for each operation on each host, worked out with less.

Each shortcut comes to the same as the long way. What the operations do costs next to nothing where
nothing is to be changed; to know their place in deploy.py, and the arguments that they have in
common, cost most of a run on many hosts.
"""

from __future__ import annotations

import sys
from copy import copy
from functools import cache
from traceback import walk_stack
from types import SimpleNamespace
from typing import Any

from pyinfra.api import arguments
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.api.util import PYINFRA_INSTALL_DIR

_names_and_types = cache(arguments.all_global_arguments)
_pop = arguments.pop_global_arguments


def take_shortcuts() -> None:
    """Have pyinfra take them, in this process, from now on."""
    # By name: what its package calls so is the decorator.
    operation: Any = sys.modules["pyinfra.api.operation"]
    operation.get_operation_order_from_stack = order
    operation.pop_global_arguments = pop_global_arguments
    arguments.all_global_arguments = _names_and_types


def order(state: State) -> list[int]:
    """Return where the operation stands that is being called: the file's number, then lines.

    The lines are those of the deploy file and of what it called, without pyinfra's own. pyinfra
    has each frame's source read for that, and asks every module whether it is the deploy file.
    """
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_stack(sys._getframe(1))]
    frames.reverse()
    files = [file for file, _ in frames]
    deploy = state.current_deploy_filename
    first = files.index(deploy) if deploy in files else len(files) - 1
    lines = [line for file, line in frames[first:] if not file.startswith(PYINFRA_INSTALL_DIR)]
    return [state.current_op_file_number, *lines]


def pop_global_arguments(state: State, host: Host, given: dict[str, Any]) -> Any:
    """Return the arguments that all operations have in common, as pyinfra finds them.

    pyinfra merges the host's data for each of forty names; here that is done once.
    """
    known = {name: copy(value) for name, value in host.data.dict().items() if name[:1] == "_"}
    seen: Any = SimpleNamespace(
        data=SimpleNamespace(**known), current_deploy_kwargs=host.current_deploy_kwargs
    )
    return _pop(state, seen, given)
