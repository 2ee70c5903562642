"""A login of a command's own, beside the one that commands share."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import gevent

from homeport.openssh import errors, outcome, runtime
from homeport.openssh.channel import BROKEN
from homeport.openssh.entrance import Entrance
from homeport.openssh.errors import HostError
from homeport.openssh.login import LoginError
from homeport.openssh.marks import Marks
from homeport.openssh.master import Master
from homeport.openssh.options import APART
from homeport.openssh.outcome import Outcome
from homeport.openssh.process import Ended
from homeport.openssh.question import WITHOUT
from homeport.openssh.request import Request, SilentError

PATIENCE = 45.0
"""Seconds for which a new login is tried: a firewall may count logins for half a minute."""
PAUSE = 4.0
"""Seconds between its tries."""
NOTHING = ("-o", "PreferredAuthentications=none", "-o", "PubkeyAuthentication=no")
"""Options of a login by a user that shows nothing."""
WAYS = re.compile(r"Permission denied \(([\w,-]*)\)")


@dataclass(frozen=True)
class NewLogin:
    """A login of a command's own."""

    entrance: Entrance

    @property
    def client(self) -> list[str]:
        """The command that runs ssh to the host, but for the host and what follows it."""
        return ["ssh", *APART, *self.entrance.options]

    def run(self, request: Request) -> Outcome:
        """Run a command over it, once, without a question; return what came of it."""
        output, ended = self._send(request)
        return self._found(request, output, ended)

    def prove(self, request: Request, *, asks: bool) -> Outcome:
        """Run a command over it, which is tried until ``PATIENCE`` is over; return as ``run`` does.

        + asks: whether the user may be asked
        """
        may_ask = asks and self.entrance.may_ask
        deadline = time.monotonic() + PATIENCE
        while True:
            output, ended = self._send(request, WITHOUT if may_ask else ())
            if request.marks.pid is not None or ended.reached or time.monotonic() >= deadline:
                return self._found(request, output, ended)
            if may_ask and errors.is_refused(output):
                return self._ask(request, output)
            if not errors.TRANSIENT.search(output):
                return self._found(request, output, ended)
            gevent.sleep(PAUSE)

    def ways_in(self) -> list[str]:
        """Return the ways in which a host lets a user in that shows nothing; raises ``HostError``.

        They are named as in RFC 4252, ``none`` among them if it lets in every user.
        """
        there = self.entrance.destination
        request = Request("true", (), Marks(), there.limits)
        output, ended = request.send(
            ["ssh", *NOTHING, *APART, *self.entrance.options], there.target
        )
        if ended.code == 0:
            return ["none"]
        if ways := WAYS.search(output):
            return ways[1].split(",")
        raise HostError(errors.explain(output or f"ssh exits with {ended.code}", there.way))

    def _send(self, request: Request, own: Sequence[str] = ()) -> tuple[str, Ended]:
        client = ["ssh", *own, *APART, *self.entrance.options]
        with self.entrance.environment() as environment:
            return request.send(client, self.entrance.destination.target, environment)

    def _found(self, request: Request, output: str, ended: Ended) -> Outcome:
        return outcome.found(ended, request.marks, output, self.entrance.destination.way)

    def _ask(self, request: Request, refused: str) -> Outcome:
        # A master of this command's own: ssh asks while it logs in, and leaves our pipes alone.
        there = self.entrance.destination

        def enter(control: Sequence[str]) -> None:
            if not self.entrance.ask(control):
                raise LoginError(refused)

        try:
            master = Master(runtime.socket([*there.identity(), request.marks.word]))
            master.open(0, there.seconds, enter)
        except runtime.NoRuntimeDirectoryError:
            return Outcome(None, errors.explain(refused, there.way))
        except LoginError as error:
            return Outcome(None, errors.explain(str(error), there.way))
        try:
            shared = request.share(master)
            return self._found(request, *(shared or ("", Ended(BROKEN))))
        except SilentError as error:
            return self._found(request, "", Ended(BROKEN, str(error)))
        finally:
            master.end()
