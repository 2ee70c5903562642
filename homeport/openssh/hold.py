"""A hold on a login: it stays while this process lives, idle or not, and ends with it.

A host takes the login for the one who deploys: while it lasts, the deploy may go on. A login that
is kept for later runs ends when it has been idle, and outlives us. So the hold is a client of the
master that asks for nothing, and a process of its own that waits for our end, which closes its
standard input even after SIGKILL, and then ends the login.
"""

from __future__ import annotations

import socket

from homeport.openssh.child import NULL, PIPE, Child
from homeport.openssh.master import Master

WAIT = 'cat >/dev/null; exec "$@"'


class Hold:
    """Holds the login of a master until it is released; raises ``OSError`` if that has ended."""

    def __init__(self, master: Master) -> None:
        self._client = socket.socket(socket.AF_UNIX)
        try:
            self._client.connect(str(master.path))
        except OSError:
            self._client.close()
            raise
        self._waiting = Child(["sh", "-c", WAIT, "sh", *master.ending], (PIPE, NULL, NULL))

    def release(self) -> None:
        """Release the login: it may end when it is idle, and outlive us."""
        self._waiting.kill()
        self._waiting.close()
        self._client.close()
