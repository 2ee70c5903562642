"""Say what is wrong with a description before pyinfra does anything on a host.

pyinfra runs deploy.py only when it is connected. The one place of the user's that it reads before
is ``config.py``, and there the inventory isn't known yet; so the check waits for the moment at
which the inventory is known and nothing is connected.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

import click
import gevent
from pyinfra import state as current
from pyinfra.api.exceptions import ConnectorDataTypeError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.errors import UserError, exit_on_user_error
from homeport.pyinfra_adapter.commands import show_no_output
from homeport.pyinfra_adapter.data_source import with_source
from homeport.pyinfra_adapter.patches import apply_patches
from homeport.ssh import connection
from homeport.ssh.same_machine import once_each

Check = Callable[[Host], object]
TURN = 0.002
"""Seconds that a host on the same network needs to answer, and to be answered."""


def before_connecting(check: Check) -> None:
    """Register ``check`` to be called with every host, once the inventory is known.

    A ``UserError`` that it raises ends the run with exit code 1 and that one message.
    """

    def check_all(state: State, hosts: list[Host]) -> None:
        for host in hosts:
            _judge(check, host)
        connection.explain_failures(state)

    _when_hosts_are_known(check_all)


def instead_of_connecting(check: Check) -> None:
    """Do as ``before_connecting`` does, and have the run end there, with exit code 0."""

    def check_all(state: State, hosts: list[Host]) -> None:
        for host in hosts:
            _judge(check, host)
        sys.exit(0)

    _when_hosts_are_known(check_all)


def while_connecting(
    check: Check, needs: Iterable[str] = (), first: Check = lambda host: None
) -> None:
    """Do as ``before_connecting`` does, but have connections made meanwhile.

    Nothing is run on a host before every host is checked.

    + needs: the modules that the check needs, those that others need first
    + first: checks every host before any is called
    """

    def check_all(state: State, hosts: list[Host]) -> None:
        for host in hosts:
            _judge(first, host)
        connection.explain_failures(state)
        begun = connection.connect_early(hosts, state.config.PARALLEL)
        try:
            import_in_turns(needs, begun)
            for host in hosts:
                _judge(check, host)
                gevent.sleep(0)
        except BaseException:
            gevent.killall(begun, block=False)
            raise

    _when_hosts_are_known(check_all)


def import_in_turns(modules: Iterable[str], begun: Sequence[connection.Connecting] = ()) -> None:
    """Import modules, and let connections that are being made go on after each."""
    for module in modules:
        import_module(module)
        gevent.joinall(begun, timeout=TURN)


def _when_hosts_are_known(check_all: Callable[[State, list[Host]], None]) -> None:
    called = click.get_current_context(silent=True)
    if called is not None and called.params.get("dry"):
        # With -y pyinfra spares itself the preparing pass, and a dry run would show nothing at all.
        current.check_for_changes = True
    apply_patches()
    initialise = current.init

    def initialise_and_check(inventory: Inventory, *args: Any, **kwargs: Any) -> None:
        try:
            initialise(inventory, *args, **kwargs)
        except ConnectorDataTypeError as error:
            fix = "correct it in the inventory or in group_data"
            raise UserError(str(error), fix=fix, key="inventory") from None
        state = inventory.state
        hosts = [host for host in inventory if state.is_host_in_limit(host)]
        if not hosts:
            raise UserError("there is no host in it", fix="name one", key="inventory")
        for host in hosts:
            connection.mask_passwords(host)
        once_each(hosts)
        check_all(state, hosts)
        show_no_output(state)

    current.init = exit_on_user_error(initialise_and_check)  # type: ignore[method-assign] # of this run alone


def _judge(check: Check, host: Host) -> None:
    try:
        check(host)
    except UserError as error:
        inventory = host.inventory
        own = inventory.get_host_data(host.name)
        nearer = {"--data": inventory.override_data, "inventory": own}
        raise with_source(error, host.groups, nearer) from None
