"""The entrance to a host: without a question if that works, by a password, or by the user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from homeport.openssh import askpass, errors
from homeport.openssh.become import Password
from homeport.openssh.destination import Destination
from homeport.openssh.login import PAUSES, Login, LoginError
from homeport.openssh.marks import Marks
from homeport.openssh.options import APART
from homeport.openssh.question import WITHOUT, Asks, ask
from homeport.openssh.request import Request
from homeport.openssh.terminal import is_there


@dataclass(frozen=True)
class Entrance:
    """The entrance to a host.

    + password: the password of the user, if host data have one
    + asks: what a login may ask the user for
    + prefix: what stands before a line for the user
    """

    destination: Destination
    password: Password | None = field(repr=False)
    asks: Asks
    prefix: str

    @property
    def options(self) -> list[str]:
        """The options of a login that asks the user nothing."""
        if self.password is None:
            return self.destination.options
        return [*askpass.OPTIONS, *self.destination.strict, *self.destination.options]

    @property
    def may_ask(self) -> bool:
        """Whether a login that is refused may ask the user."""
        return self.password is None and self.asks is not Asks.NOTHING and is_there()

    @contextmanager
    def environment(self) -> Iterator[dict[str, str] | None]:
        """Yield the environment of ssh, in which it gets the password; None is this process's."""
        if self.password is None:
            yield None
            return
        with askpass.answering(self.password) as environment:
            yield environment

    def enter(self, control: Sequence[str], *, asks: bool = True) -> None:
        """Log in, and stay as the options besides say; raises ``LoginError``.

        + asks: whether the user may be asked
        """
        if not asks or not self.may_ask:
            with self.environment() as environment:
                self._login(self.options, environment).enter(control)
            return
        login = self._login([*WITHOUT, *self.options])
        has_proxy = self.destination.has_proxy
        try:
            login.enter(control, () if has_proxy else PAUSES)
        except LoginError as error:
            is_hidden = has_proxy and bool(errors.TURNED_AWAY.search(str(error)))
            is_refused = self._is_refused() if is_hidden else errors.is_refused(str(error))
            if is_refused and self.ask(control):
                return
            if is_refused or not is_hidden:
                raise
            login.enter(control)

    def ask(self, control: Sequence[str]) -> bool:
        """Log in as ``enter`` does, and ask; return False if no user can be asked.

        Raises ``LoginError``.
        """
        own = [*self.asks.options, *self.destination.strict, *self.options]
        command = self._login(own).command(control)
        return ask(command, f"{self.prefix}ssh may ask you for a {self.asks.value}:")

    def _is_refused(self) -> bool:
        # A master hides what its proxy says, such as the ssh that a jump host refuses.
        there = self.destination
        client = ["ssh", *APART, *WITHOUT, *self.options]
        output, _ = Request("true", (), Marks(), there.limits).send(client, there.target)
        return errors.is_refused(output)

    def _login(self, own: list[str], environment: Mapping[str, str] | None = None) -> Login:
        return Login(self.destination.target, own, self.destination.seconds, environment)
