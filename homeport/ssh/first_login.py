"""The first login to a host: by key if that opens it already, else by the password it came with.

The host must show a key that is pinned or, if it is not known at all, the one that was expected;
without an expectation its first key is taken on trust, and shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Any

from paramiko import BadHostKeyException, SSHException
from pyinfra import logger
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.connectors.ssh import SSHConnector
from pyinfra.connectors.util import CommandOutput, OutputLine, extract_control_arguments

from homeport.errors import UserError
from homeport.ssh import host_key, known_hosts
from homeport.ssh.address import Address
from homeport.ssh.host_key import KINDS, described, kinds_like, line
from homeport.ssh.known_hosts import Pin, fingerprint
from homeport.ssh.sudo_password import ASKS, Hidden, SudoStdin, as_root, by_password, if_free


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


class FirstLogin(SSHConnector):
    """pyinfra's way to a host, for one that may not know us yet."""

    def __init__(self, state: State, host: Host, way: LoginPlan) -> None:
        super().__init__(state, host)
        self.way = way
        self._password: Hidden | None = None
        self._free = False
        self._pins: list[Pin] = []
        self._trusted: str | None = None

    def anew(self) -> FirstLogin:
        """Return a login of its own to the same host, which must show the key that it showed."""
        key = self._trusted
        expected = fingerprint(key) if key else self.way.expected
        return FirstLogin(self.state, self.host, replace(self.way, expected=expected))

    def connect(self) -> None:
        """Log in. Raises ``ConnectError`` if that fails, with the fix where it is known."""
        try:
            self._meet()
            try:
                self._open()
            except BadHostKeyException:
                raise
            except SSHException as refused:
                self._use_password(f"no key opens it: {refused}")
        except BadHostKeyException as changed:
            raise ConnectError(str(self._changed(line(changed.key)))) from None
        except UserError as error:
            raise ConnectError(str(error)) from None
        except (SSHException, OSError, EOFError, PyinfraError) as error:
            raise ConnectError(f"it can't be reached: {error or type(error).__name__}") from None

    def run_shell_command(
        self,
        command: StringCommand,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> tuple[bool, CommandOutput]:
        """Run a command; return whether it exits with 0, and its output.

        A command for root becomes root by sudo without a password, by a login as root, or by
        the password.
        """

        def run(line: StringCommand, **kwargs: Any) -> tuple[bool, CommandOutput]:
            return super(FirstLogin, self).run_shell_command(
                line, print_output=print_output, print_input=print_input, **kwargs
            )

        if self._free or not arguments.get("_sudo"):
            return run(command, **arguments)
        remaining: Any = arguments
        control: dict[str, Any] = dict(extract_control_arguments(remaining))
        if self._password is None:
            # Asked in the same command: a host that is set up costs no second one.
            done, output = run(if_free(command, arguments), **control)
            if ASKS not in output.stderr_lines:
                self._free = True
                return done, output
            try:
                self._use_password("sudo asks for a password")
            except (UserError, SSHException, OSError) as reason:
                return False, CommandOutput([OutputLine("stderr", str(reason))])
        if self.way.user == "root":
            return run(as_root(command, arguments), **control)
        mark = f"homeport-{secrets.token_hex(8)}"
        fed = SudoStdin(self._password or Hidden(), mark, control.get("_stdin"))
        return run(by_password(command, mark, arguments), **{**control, "_stdin": fed})

    def _open(self, **login: Any) -> None:
        kinds = kinds_like(self._trusted) if self._trusted else ()
        known = {**self.make_paramiko_kwargs(), **login}
        self.client = host_key.connect(known, self._judge, kinds)

    def _use_password(self, refused: str) -> None:
        who = self.data["ssh_user"]
        if self.way.user is None:
            example = '{"user": "pi", "password": {"file": "secrets/pi-password"}}'
            fix = f"set bootstrap_login = {example}"
            raise UserError(f"{who} can't deploy ({refused})", fix=fix, key="bootstrap_login")
        self._password = Hidden(self.way.password())
        login = {"username": self.way.user, "password": self._password, "pkey": None}
        try:
            self._open(**login, allow_agent=False, look_for_keys=False)
        except BadHostKeyException:
            raise
        except SSHException as error:
            raise UserError(
                f"{who} can't deploy ({refused}), nor {self.way.user} log in by password ({error})",
                fix="correct the user or the password, or log in by the console",
                key="bootstrap_login",
            ) from None
        self.host.log(f"logged in as {self.way.user}, by password", log_func=logger.info)

    def _meet(self) -> None:
        address, expected = self.way.address, self.way.expected
        self._pins = known_hosts.pins(known_hosts.read(address.known_hosts), address.name)
        seen = [pin.key for pin in self._pins]
        if seen and expected in (None, *map(fingerprint, seen)):
            return
        for kinds in () if seen else KINDS:
            key = host_key.offered(self.make_paramiko_kwargs(), kinds)
            if key and expected in (None, fingerprint(key)):
                self._trusted = key
                self.host.log(
                    f"first contact: its key is {described(key)}", log_func=logger.warning
                )
                return
            seen += [key] if key else []
        shown = ", ".join(map(described, seen)) or "none that is supported"
        fix = "find out which of them is right, and correct host_key_fingerprint"
        file = address.known_hosts if self._pins else "host data"
        what = f"{address.name} has {shown}, and none is {expected}"
        raise UserError(what, fix=fix, file=file, key="host_key_fingerprint")

    def _judge(self, key: str) -> None:
        if key != self._trusted:
            raise self._changed(key)

    def _changed(self, key: str) -> UserError:
        address = self.way.address
        remove = f"ssh-keygen -f {quote(str(address.known_hosts))} -R {quote(address.name)}"
        return UserError(
            f"{address.name} shows {described(key)}, and another key is pinned",
            fix=f"if you reinstalled it run `{remove}`; else the connection may be intercepted",
            file=address.known_hosts,
            line=self._pins[0].line if self._pins else None,
        )
