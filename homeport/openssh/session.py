"""The way to one host: over a login that commands share, or over one of a command's own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent

from homeport.openssh import askpass, errors, options, runtime
from homeport.openssh.become import Password
from homeport.openssh.errors import Way
from homeport.openssh.leash import Leash
from homeport.openssh.limits import Limits
from homeport.openssh.marks import Marks
from homeport.openssh.master import UNSENT, Login, LoginError, Master
from homeport.openssh.process import Ended, run

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries of a login that a server turns away at this moment."""
PATIENCE = 45.0
"""Seconds for which a new login is tried: a firewall may count logins for half a minute."""
AUTHENTICATION = 30.0
"""Seconds that a login may take beyond its connection: a host may ask others who we are."""
WAKES = 5.0
"""Seconds in which a login that was kept has to show that the host is still there."""


class HostError(Exception):
    """A host can't be reached, or doesn't answer; the message is one line with its fix."""


@dataclass(frozen=True)
class Outcome:
    """The end of a command: its exit code, or why that isn't known."""

    code: int | None
    error: str = ""


@dataclass
class Session:
    """The way to one host.

    + target: what ssh connects to
    + data: host data, by the keys of ``ConnectorData``
    + connect_timeout: seconds in which a connection has to be there
    + password: the password of the user, if host data have one
    """

    target: str
    data: Mapping[str, Any]
    connect_timeout: float
    password: Password | None = field(default=None, repr=False)
    way: Way = field(init=False)
    settings: dict[str, list[str]] = field(init=False, default_factory=dict)
    _master: Master | None = field(init=False, default=None)
    _options: list[str] = field(init=False, default_factory=list)
    _is_open: bool = field(init=False, default=False)
    _leash: Leash | None = field(init=False, default=None)

    @property
    def user(self) -> str:
        """The user that ssh logs in as."""
        return self._setting("user")

    def resolve(self) -> None:
        """Resolve the host: ssh works out where it is; raises ``HostError``."""
        own = options.of_host(self.data, self.connect_timeout)
        known = str(self.data.get("ssh_known_hosts_file") or "")
        config = str(self.data.get("ssh_config_file") or "")
        self.way = Way(self.target, self.target, config=config, known_hosts=known)
        try:
            self.settings = options.settings(self.target, options.plain(own))
        except options.SshConfigError as error:
            raise HostError(errors.explain(str(error), self.way)) from None
        machine, port = self._setting("hostname"), self._setting("port")
        alias = self.settings.get("hostkeyalias", [""])[0]
        self.way = Way(self.target, machine, port, self.user, config, known, alias)
        self._options = options.plain(own)
        if self.password is not None:
            self._options = [*askpass.OPTIONS, *self._strict(), *self._options]

    def open(self) -> bool:
        """Log in, unless a login is at hand that answers; return whether that took a login.

        Raises ``HostError``.
        """
        self.resolve()
        try:
            self._master = Master(runtime.socket(self._identity()))
        except runtime.NoRuntimeDirectoryError:
            # Each command logs in for itself.
            self._master = None
        if self._master is None:
            self._try_direct()
        elif self._master.is_alive() and not self._answers(self._master):
            self._master.end()
        is_new = self._master is None or self._log_in(self._master)
        self._is_open = True
        return is_new

    def hold(self) -> None:
        """Hold the login: it ends with this process, however that ends, until it is closed."""
        if self._leash is None and self._master is not None:
            self._leash = Leash(self._master.ending)

    def close(self) -> None:
        """End the login, unless it is to be kept."""
        if self._leash is not None:
            self._leash.release()
            self._leash = None
        if self._master is not None and self._is_open and not self._persist:
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
    ) -> Outcome:
        """Run words that are quoted for a host's shell; return what came of them.

        + terminal: the host gives the command a terminal
        + anew: over a login of its own, which is tried until ``PATIENCE`` is over
        """
        remote = marks.around(words)
        if not anew and self._master is not None:
            outcome = self._over(self._master, remote, stdin, marks, limits, terminal)
            if outcome is not None:
                return outcome
        deadline = time.monotonic() + (PATIENCE if anew else 0.0)
        while True:
            output, ended = self._direct(remote, stdin, marks, limits, terminal)
            if marks.pid is not None or ended.reached or time.monotonic() >= deadline:
                return self._outcome(ended, marks, output)
            if not errors.TRANSIENT.search(output):
                return self._outcome(ended, marks, output)
            gevent.sleep(PAUSES[-1])

    def client(self) -> list[str]:
        """Return the command that runs ssh to this host, but for the host and what follows it."""
        if self._master is not None and self._master.is_alive():
            return self._master.client
        return ["ssh", *self._apart(), *self._options]

    def _over(
        self,
        master: Master,
        remote: str,
        stdin: Iterable[bytes],
        marks: Marks,
        limits: Limits,
        terminal: bool,
    ) -> Outcome | None:
        # None: nothing was sent, so it may be tried over a login of its own.
        if not master.is_alive():
            try:
                self._log_in(master)
            except HostError as error:
                return Outcome(None, str(error))
        command = [*master.client, *(("-tt",) if terminal else ()), "--", "host", remote]
        output, ended = self._spawn(command, stdin, marks, limits)
        if ended.reached is None and UNSENT in output:
            return None
        return self._outcome(ended, marks, output)

    def _direct(
        self, remote: str, stdin: Iterable[bytes], marks: Marks, limits: Limits, terminal: bool
    ) -> tuple[str, Ended]:
        flags = ("-tt",) if terminal else ()
        command = ["ssh", *flags, *self._apart(), *self._options, "--", self.target, remote]
        with self._environment() as environment:
            return self._spawn(command, stdin, marks, limits, environment)

    def _spawn(
        self,
        command: list[str],
        stdin: Iterable[bytes],
        marks: Marks,
        limits: Limits,
        environment: Mapping[str, str] | None = None,
    ) -> tuple[str, Ended]:
        marks.early.clear()
        ended = run(command, stdin, marks.take, limits, environment)
        marks.end()
        return "\n".join(marks.early), ended

    def _outcome(self, ended: Ended, marks: Marks, output: str) -> Outcome:
        if ended.reached is not None:
            fix = "see what it does there, or raise its limit in host data (docs/connection.md)"
            return Outcome(None, f"the command was ended: {ended.reached}. Fix: {fix}.")
        if marks.code is not None:
            return Outcome(marks.code)
        if marks.pid is None:
            return Outcome(None, errors.explain(output or f"ssh exits with {ended.code}", self.way))
        fix = f"see whether the host is up: `{self.way.words('')['ssh']}`; then run it again"
        return Outcome(None, f"the connection broke while a command ran. Fix: {fix}.")

    def _log_in(self, master: Master) -> bool:
        with self._environment() as environment:
            seconds = self.connect_timeout + AUTHENTICATION
            login = Login(self.target, self._options, seconds, environment)
            pauses: Iterator[float] = iter(PAUSES)

            def again(output: str) -> float | None:
                if not errors.TURNED_AWAY.search(output):
                    return None
                pause = next(pauses, None)
                # Not all at once: others were turned away, too.
                return None if pause is None else pause * (0.7 + secrets.randbelow(600) / 1000)

            try:
                return master.open(login, self._persist, again)
            except LoginError as error:
                raise HostError(errors.explain(str(error), self.way)) from None

    def _answers(self, master: Master) -> bool:
        marks = Marks()
        command = [*master.client, "--", "host", marks.around("true")]
        output, ended = self._spawn(command, (), marks, Limits(WAKES, WAKES, 2**16))
        if ended.reached is not None:
            return False
        # A refusal is an answer: another run uses the one session that the server allows.
        return marks.code == 0 or ended.code != 255 or UNSENT in output

    def _try_direct(self) -> None:
        marks = Marks()
        seconds = self.connect_timeout + AUTHENTICATION
        output, ended = self._direct(
            marks.around("true"), (), marks, Limits(seconds, seconds, 2**16), False
        )
        if marks.code != 0:
            raise HostError(self._outcome(ended, marks, output).error)

    @contextmanager
    def _environment(self) -> Iterator[dict[str, str] | None]:
        if self.password is None:
            yield None
            return
        with askpass.answering(self.password) as environment:
            yield environment

    @property
    def _persist(self) -> int:
        return int(self.data.get("ssh_persist") or 0)

    def _apart(self) -> list[str]:
        return ["-o", "ControlPath=none", "-o", "ControlMaster=no"]

    def _strict(self) -> list[str]:
        # Without BatchMode ssh would ask for consent to a key that it doesn't know.
        asks = self._setting("stricthostkeychecking") == "ask"
        return ["-o", "StrictHostKeyChecking=yes"] if asks else []

    def _setting(self, name: str) -> str:
        return next(iter(self.settings.get(name, ())), "")

    def _identity(self) -> list[str]:
        # All that decides where a login leads, and whether its host key was good.
        lines = [f"{name} {value}" for name, values in self.settings.items() for value in values]
        names = ("userknownhostsfile", "globalknownhostsfile", "revokedhostkeys")
        files = [
            file for name in names for line in self.settings.get(name, ()) for file in line.split()
        ]
        own = [] if self._persist else [f"{id(self)} {time.monotonic()}"]
        return [self.target, *self._options, *lines, *map(_content, files), *own]


def _content(file: str) -> str:
    try:
        return Path(file).expanduser().read_bytes().hex()
    except OSError:
        return ""
