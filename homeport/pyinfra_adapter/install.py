"""The one entry: all that pyinfra does otherwise in this project, and the order of setting it up.

``config.py`` calls it, which pyinfra reads before the inventory.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import pyinfra
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.errors import UserError, exit_on_user_error
from homeport.openssh.entry_point import register
from homeport.pyinfra_adapter.command_line import deploy_files, is_dry
from homeport.pyinfra_adapter.inventory_errors import install_inventory_checks
from homeport.pyinfra_adapter.output import colour_by_number, print_plainly
from homeport.pyinfra_adapter.shutdown import exit_fast

PYINFRA = "3.10.0"
"""The version of pyinfra that all of this fits: its private parts are no one's promise."""
GARBAGE = 100_000
"""Objects until Python looks for garbage: nearly all that a run makes is needed to its end."""


class Need(NamedTuple):
    """The facts that a deploy file needs of each host before any is called.

    + check: raises ``UserError`` for a host; given the names of the files that are called
    + imports: what the check imports, in parts: between them, connections go on
    + connects_early: connections are begun before the check, not after it
    """

    check: Callable[[Sequence[str], Host], object]
    imports: tuple[str, ...] = ()
    connects_early: bool = True


class DeployFile(NamedTuple):
    """A deploy file of the project: its name there, its need, and whether it changes a host.

    + gate: raises ``UserError`` for a host that this file may not be run on now
    """

    name: str
    need: Need
    changes: bool = True
    gate: Callable[[Host], object] | None = None


def install(
    files: Sequence[DeployFile],
    report: Callable[[State], object] | None = None,
    *,
    only_check: bool = False,
) -> None:
    """Make pyinfra know ``@openssh``, check hosts first, print errors in one line, and end at once.

    A dry run of these files ends with the number of its changes. Other commands, such as exec, get
    no check.

    + files: where several are called, the need of the one that stands first here is checked
    + report: called at the end of the run, before pyinfra hangs up
    + only_check: the run ends after the check, without a connection
    """
    print_plainly()
    exit_on_user_error(require_version)(pyinfra.__version__)
    known = {file.name: file for file in files}
    paths = deploy_files(known)
    called = [known[name] for name in paths if name in known]
    asks = len(called) < len(paths) or any(file.changes for file in called)
    gc.set_threshold(GARBAGE)
    colour_by_number()
    register()
    install_inventory_checks(asks=asks)
    exit_fast(report, _summary_of_dry_run(called))
    for early in (True, False):
        if chosen := [file for file in called if file.need.connects_early is early]:
            _check(min(chosen, key=files.index).need, chosen, only_check)


def require_version(installed: str) -> None:
    """Raise ``UserError`` unless this version of pyinfra is the one that is pinned.

    What replaces a private part of another version may have no effect, and no error either.
    """
    if installed != PYINFRA:
        fix = (
            f"use the environment that `make setup` makes, or run `pip install pyinfra=={PYINFRA}`"
        )
        raise UserError(f"this is pyinfra {installed}, and homeport fits {PYINFRA} alone", fix=fix)


def _summary_of_dry_run(called: Sequence[DeployFile]) -> Callable[[State], object] | None:
    if not (is_dry() and any(file.changes for file in called)):
        return None
    # Other runs spare themselves the import.
    from homeport.pyinfra_adapter import dry_run

    dry_run.drop_doubt()
    return dry_run.print_summary


def _check(need: Need, called: Sequence[DeployFile], only_check: bool) -> None:
    # A command that needs no check spares itself the import.
    from homeport.pyinfra_adapter import startup

    check = partial(need.check, [file.name for file in called])
    if not need.connects_early:
        startup.before_connecting(check)
    elif only_check:
        startup.instead_of_connecting(check)
    else:
        gates = [file.gate for file in called if file.gate]
        startup.while_connecting(check, need.imports, *gates[:1])
