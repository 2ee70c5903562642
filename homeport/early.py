"""Say what is wrong with a description before pyinfra connects to anything.

pyinfra runs deploy.py only when it is connected. The one place of the user's that it reads before
is ``config.py``, and there the inventory isn't known yet; so the check waits for the moment at
which the inventory is known and nothing is connected.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from pyinfra.api.host import Host
from pyinfra.context import ctx_state

from homeport.errors import Mistake


def before_connecting(check: Callable[[Host], object]) -> None:
    """Have ``check`` called with every host of the inventory, once that is known.

    A ``Mistake`` that it raises ends the run with exit code 1 and that one message.
    """
    state = ctx_state.get()
    initialise = state.init

    def initialise_and_check(*given: Any, **named: Any) -> None:
        initialise(*given, **named)
        hosts = [host for host in state.inventory if state.is_host_in_limit(host)]
        try:
            if not hosts:
                raise Mistake("there is no host in it", mend="name one", key="inventory")
            for host in hosts:
                check(host)
        except Mistake as mistake:
            click.echo(mistake, err=True)
            sys.exit(1)

    state.init = initialise_and_check
