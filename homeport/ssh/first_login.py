"""The first login to a host: by key if that opens it already, else by the password it came with.

The host must show a key that is pinned or, if it is not known at all, the one that was expected.
Without an expectation its key is shown, and the user has to agree.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any

from pyinfra import logger
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.errors import UserError
from homeport.openssh import errors, host_key, runtime
from homeport.openssh.become import Password
from homeport.openssh.connector import OpenSSHConnector
from homeport.openssh.errors import HostError
from homeport.openssh.login import Login, LoginError
from homeport.openssh.outcome import Outcome
from homeport.openssh.question import Asks
from homeport.openssh.root import Root
from homeport.openssh.session import Session
from homeport.ssh import known_hosts
from homeport.ssh.address import Address
from homeport.ssh.known_hosts import Pin, fingerprint


@dataclass(frozen=True)
class LoginPlan:
    """The way in for the first time.

    + user: who can log in to the fresh image, None if only a key may
    + password: reads that user's password, and is called only if it is needed
    + expected: fingerprint that one of the host's keys must have, if host data has it
    """

    address: Address
    user: str | None
    password: Callable[[], str] = field(repr=False)
    expected: str | None = None


class FirstLogin(OpenSSHConnector):
    """The way to a host that may not know us yet."""

    def __init__(self, state: State, host: Host, way: LoginPlan) -> None:
        # The image's password opens it: that of the user's own account isn't asked for before.
        super().__init__(state, host, Asks.ALL if way.user is None else Asks.KEY)
        self.way = way
        self._by_password = False
        self._trusted: str | None = None
        self._pins: list[Pin] = []
        self._file: Path | None = None

    def connect(self) -> None:
        """Log in. Raises ``ConnectError`` if that fails, with the fix where it is known."""
        try:
            self._meet()
            try:
                self.session.open()
                self._root = Root(self.session, None, self.host.print_prefix, prompts=False)
            except HostError as refused:
                if errors.is_changed(str(refused)):
                    raise self._changed() from None
                if not errors.is_denied(str(refused)):
                    raise
                self._use_password(f"no key opens it: {refused}")
        except (UserError, HostError) as error:
            raise ConnectError(str(error)) from None

    def run(
        self, command: StringCommand, line: Callable[[str, str], None], **arguments: Any
    ) -> Outcome:
        """Run a command as the connector does; return what came of it.

        A sudo that asks gets the image's password.
        """
        outcome = super().run(command, line, **arguments)
        if self._by_password or self._root is None or not self._root.lacks_password:
            return outcome
        try:
            self._use_password("sudo asks for a password")
        except (UserError, HostError) as error:
            return Outcome(None, str(error))
        return super().run(command, line, **arguments)

    def disconnect(self) -> None:
        """End what still runs there, and the login."""
        super().disconnect()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _use_password(self, refused: str) -> None:
        who = self.session.user
        if self.way.user is None:
            example = '{"user": "pi", "password": {"file": "secrets/pi-password"}}'
            fix = f"set bootstrap_login = {example}"
            raise UserError(f"{who} can't deploy ({refused})", fix=fix, key="bootstrap_login")
        password = Password(self.way.password())
        self.session.close()
        data = {**self.data, "ssh_user": self.way.user, "ssh_key": None, "ssh_persist": 0}
        there = self.session.destination
        session = Session(there.target, data, there.connect_timeout, password)
        try:
            session.open()
        except HostError as error:
            if not errors.is_denied(str(error)):
                raise
            raise UserError(
                f"{who} can't deploy ({refused}), nor {self.way.user} log in by password ({error})",
                fix="correct the user or the password, or log in by the console",
                key="bootstrap_login",
            ) from None
        self._session, self._by_password = session, True
        self._root = Root(session, password, self.host.print_prefix)
        self.host.log(f"logged in as {self.way.user}, by password", log_func=logger.info)

    def _meet(self) -> None:
        address, expected = self.way.address, self.way.expected
        text = known_hosts.read(address.known_hosts)
        self._pins = known_hosts.known(text, address.name)
        revoked = {pin.key: pin.line for pin in known_hosts.revoked(text, address.name)}
        seen = [pin.key for pin in self._pins]
        if self._trusted or (seen and expected in (None, *map(fingerprint, seen))):
            return
        for kinds in () if seen else host_key.KINDS:
            key = self._offered(kinds)
            if key and expected in (None, fingerprint(key)):
                if key in revoked:
                    what = f"the key {_described(key)} of {address.name} is revoked"
                    fix = "don't trust that host; install it anew, with new keys"
                    where = address.known_hosts
                    raise UserError(what, fix=fix, file=where, line=revoked[key])
                self._trust(key, asks=expected is None)
                return
            seen += [key] if key else []
        shown = ", ".join(map(_described, seen)) or "none that is supported"
        fix = "find out which of them is right, and correct host_key_fingerprint"
        file = address.known_hosts if self._pins else "host data"
        what = f"{address.name} has {shown}, and none is {expected}"
        raise UserError(what, fix=fix, file=file, key="host_key_fingerprint")

    def _changed(self) -> UserError:
        address = self.way.address
        shown = next(filter(None, map(self._offered, host_key.KINDS)), None)
        file = quote(str(address.known_hosts))
        remove = f"ssh-keygen -f {file} -R {quote(address.name)}"
        return UserError(
            f"{address.name} shows {_described(shown) if shown else 'no key that is supported'}, "
            "and another key is pinned",
            fix=f"if you reinstalled it run `{remove}`; else the connection may be intercepted",
            file=address.known_hosts,
            line=self._pins[0].line if self._pins else None,
        )

    def _offered(self, kinds: str) -> str | None:
        self.session.resolve()
        there = self.session.destination
        try:
            return host_key.offered(Login(there.target, there.options, there.seconds), kinds)
        except LoginError as error:
            raise HostError(errors.explain(str(error), there.way)) from None

    def _trust(self, key: str, *, asks: bool) -> None:
        shown = _described(key)
        if asks:
            self._ask(shown)
        else:
            self.host.log(f"first contact: its key is {shown}", log_func=logger.warning)
        self._trusted = key
        # Until it is pinned for good: one file for this run, which has this key alone.
        self._file = file = runtime.directory() / f"known-{secrets.token_hex(8)}"
        file.write_text(f"{self.way.address.name} {key}\n")
        self._session = None
        self.data = {**self.data, "ssh_known_hosts_file": str(file)}

    def _ask(self, shown: str) -> None:
        name = self.way.address.name
        question = f"{self.host.print_prefix}{name} is not known here; its key is {shown}. Trust it"
        there = "`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`, at its own keyboard"
        fix = f'compare it with {there}, then set host_key_fingerprint = "{shown.split()[1]}"'
        answer = ""
        if sys.stdin.isatty():
            print(f"{question} (yes/no)? ", end="", file=sys.stderr, flush=True)
            answer = sys.stdin.readline().strip().lower()
        if answer != "yes":
            what = f"{name} is not known here: its key is {shown}"
            raise UserError(what, fix=fix, key="host_key_fingerprint")


def _described(key: str) -> str:
    return f"{key.split(' ')[0]} {fingerprint(key)}"
