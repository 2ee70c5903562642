"""A leash: it ends a connection that would outlive us, if we die without a word.

A host takes a login for the one who deploys: while it lasts, the deploy may go on. A login that
is kept for later runs says nothing of us any more. So a process of its own waits for our end, which
closes its standard input even after SIGKILL, and then ends the connection.
"""

from __future__ import annotations

from collections.abc import Sequence

from homeport.openssh.child import NULL, PIPE, Child

WAIT = 'cat >/dev/null; exec "$@"'


class Leash:
    """Runs a command when this process has died, unless it is released before."""

    def __init__(self, command: Sequence[str]) -> None:
        self._child = Child(["sh", "-c", WAIT, "sh", *command], (PIPE, NULL, NULL))

    def release(self) -> None:
        """Release the connection: it may outlive us."""
        self._child.kill()
        self._child.close()
