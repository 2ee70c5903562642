"""Taking over a host that an earlier homeport deployed to, while its applications serve on."""

from __future__ import annotations

from pyinfra.api import operation
from pyinfra.api.command import StringCommand

from homeport.engine.kind import Commands
from homeport.operations.hostctl import old_layout


@operation()
def take_over() -> Commands:
    """Yield the command that removes the earlier program, its units and its data.

    The next deploy does the rest.
    """
    found = f"[ -e {' ] || [ -e '.join(old_layout.MARKS)} ] || exit 0"
    yield StringCommand(f"{found}\n{old_layout.SCRIPT}")
