"""The way to one host: over a login that commands share, or over one of a command's own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from homeport.openssh import errors, outcome, runtime
from homeport.openssh.become import Password
from homeport.openssh.channel import BROKEN
from homeport.openssh.destination import Destination
from homeport.openssh.entrance import Entrance
from homeport.openssh.errors import HostError, Way
from homeport.openssh.hold import Hold
from homeport.openssh.limits import Limits
from homeport.openssh.login import LoginError
from homeport.openssh.marks import Marks
from homeport.openssh.master import Master
from homeport.openssh.new_login import NewLogin
from homeport.openssh.outcome import Outcome as Outcome
from homeport.openssh.process import Ended
from homeport.openssh.question import Asks
from homeport.openssh.request import Request, SilentError

WAKES = 5.0
"""Seconds in which a login that was kept has to show that the host is still there."""


class Session:
    """The way to one host.

    + target: what ssh connects to
    + data: host data, by the keys of ``ConnectorData``
    + connect_timeout: seconds in which a connection has to be there
    + password: the password of the user, if host data have one
    + asks: what a login may ask the user for
    + prefix: what stands before a line for the user
    """

    def __init__(
        self,
        target: str,
        data: Mapping[str, Any],
        connect_timeout: float,
        password: Password | None = None,
        asks: Asks = Asks.NOTHING,
        prefix: str = "",
    ) -> None:
        self.destination = Destination(target, data, connect_timeout)
        self._entrance = Entrance(self.destination, password, asks, prefix)
        self._own = NewLogin(self._entrance)
        self._master: Master | None = None
        self._is_open = False
        self._is_proven = False
        self._is_shared = True
        self._is_kept = bool(self.destination.persist)
        self._holds: list[Hold] = []
        self._ends_with_us = False

    @property
    def way(self) -> Way:
        """The way to the host, for messages."""
        return self.destination.way

    @property
    def user(self) -> str:
        """The user that ssh logs in as."""
        return self.destination.setting("user")

    def resolve(self) -> None:
        """Resolve the host, unless it is: ssh works out where it is; raises ``HostError``."""
        if not self.destination.settings:
            self.destination.resolve()

    def open(self) -> bool:
        """Log in, unless a login is at hand; return whether that took a login.

        A login that was kept proves itself with the first command. Raises ``HostError``.
        """
        self.destination.resolve()
        try:
            self._master = Master(runtime.socket(self._identity(alone=not self._is_kept)))
        except runtime.NoRuntimeDirectoryError:
            # Each command logs in for itself.
            self._master = None
        if self._master is None:
            self._try_own()
        is_new = self._master is None or self._log_in(self._master)
        self._is_proven = is_new
        self._is_open = True
        return is_new

    def hold(self) -> bool:
        """Hold a login until it is closed: it ends with this process, however that ends.

        Return False where no login lasts longer than a command.
        """
        if self._master is None:
            return False
        if not self._ends_with_us:
            alone = not (self._is_proven and self._is_shared and self._holds)
            if alone and self._enter_alone() is None:
                return False
            self._ends_with_us = True
            self._holds[-1].end_with_us()
        return True

    def close(self) -> None:
        """End the login, unless it is to be kept."""
        for hold in self._holds:
            hold.release()
        self._holds.clear()
        self._ends_with_us = False
        if self._master is not None and self._is_open and not self._is_kept:
            self._master.end()
        self._is_open = False

    def execute(
        self,
        words: str,
        stdin: Iterable[bytes],
        marks: Marks,
        limits: Limits,
        *,
        terminal: bool = False,
        anew: bool = False,
        asks: bool = True,
    ) -> Outcome:
        """Run words that are quoted for a host's shell; return what came of them.

        + terminal: the host gives the command a terminal
        + anew: over a login of its own, which is tried until its patience is over
        + asks: whether a login may ask the user
        """
        request = Request(words, stdin, marks, limits, terminal)
        if anew:
            return self._own.prove(request, asks=asks)
        shared = self._over(self._master, request, asks) if self._master is not None else None
        if shared is None and self._ends_with_us and self._is_kept:
            # The host takes the login that a deploy begins over for its holder: it has to last.
            master = self._enter_alone()
            shared = self._over(master, request, asks) if master is not None else None
        self._is_shared = shared is not None
        return shared or self._own.run(request)

    def ways_in(self) -> list[str]:
        """Return as ``NewLogin.ways_in`` does; raises ``HostError``."""
        self.resolve()
        return self._own.ways_in()

    def client(self) -> list[str]:
        """Return the command that runs ssh to this host, but for the host and what follows it."""
        if self._master is not None and self._master.is_alive():
            return self._master.client
        return self._own.client

    def _over(self, master: Master, request: Request, asks: bool) -> Outcome | None:
        # None: nothing was sent, so it may be tried over a login of its own.
        agent = self.destination.setting("forwardagent") not in ("", "no")
        try:
            if not self._is_proven and master.is_alive():
                with suppress(SilentError):
                    return self._shared(master, request, agent, WAKES)
                # It leads to no host any more, or the host is slow: another run may be using it.
                return None
            if not master.is_alive():
                self._log_in(master, asks=asks)
            return self._shared(master, request, agent, request.limits.first_byte)
        except SilentError as error:
            ended = Ended(BROKEN, str(error))
            return outcome.found(ended, request.marks, "", self.way)
        except HostError as error:
            return Outcome(None, str(error))

    def _shared(
        self, master: Master, request: Request, agent: bool, seconds: float
    ) -> Outcome | None:
        shared = request.share(master, agent=agent, seconds=seconds)
        # A refusal is an answer: another run uses the one session that the server allows.
        self._is_proven = True
        if shared is None:
            return None
        output, ended = shared
        return outcome.found(ended, request.marks, output, self.way)

    def _log_in(self, master: Master, *, asks: bool = True) -> bool:
        def enter(control: Sequence[str]) -> None:
            self._entrance.enter(control, asks=asks)

        try:
            is_new = master.open(self.destination.persist, self.destination.seconds, enter)
        except LoginError as error:
            raise HostError(errors.explain(str(error), self.way)) from None
        # A login that waits for slower hosts stays. One that is lost already is replaced by the
        # next command.
        with suppress(OSError):
            self._holds.append(Hold(master))
            if self._ends_with_us:
                self._holds[-1].end_with_us()
        return is_new

    def _try_own(self) -> None:
        tried = self._own.run(Request("true", (), Marks(), self.destination.limits))
        if tried.code != 0:
            raise HostError(tried.error)

    def _enter_alone(self) -> Master | None:
        # Return a login that is no other run's; None where there is none to be had.
        master = Master(runtime.socket(self._identity(alone=True)))
        known = len(self._holds)
        with suppress(HostError):
            self._log_in(master)
        if len(self._holds) == known:
            return None
        self._master, self._is_kept, self._is_proven = master, False, True
        return master

    def _identity(self, *, alone: bool) -> list[str]:
        own = [f"{id(self)} {time.monotonic()}"] if alone else []
        return [*self._entrance.options, *self.destination.identity(), *own]
