"""A hold on a login: it stays while this process lives, idle or not, and may end with it.

A login that has been idle ends, and may be one that can't be had again, such as by a password that
is refused by now. So the hold is a client of the master that asks for nothing.

A host takes the login for the one who deploys: while it lasts, the deploy may go on. So that of a
deploy doesn't outlive us for later runs. A process of its own waits for our end, which closes its
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
        self._master = master
        self._waiting: Child | None = None
        self._client = socket.socket(socket.AF_UNIX)
        try:
            self._client.connect(str(master.path))
        except OSError:
            self._client.close()
            raise

    def end_with_us(self) -> None:
        """End the login with this process, however that ends."""
        ending = ["sh", "-c", WAIT, "sh", *self._master.ending]
        self._waiting = Child(ending, (PIPE, NULL, NULL))

    def release(self) -> None:
        """Release the login: it may end when it is idle, and outlive us."""
        if self._waiting is not None:
            self._waiting.kill()
            self._waiting.close()
        self._client.close()
