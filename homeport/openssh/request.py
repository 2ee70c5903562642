"""A command for a host: what ssh is to send there, and what takes its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import gevent

from homeport.openssh.channel import Channel, UnsentError
from homeport.openssh.limits import Limits
from homeport.openssh.marks import GATE, Marks
from homeport.openssh.master import UNSENT, Master
from homeport.openssh.process import Ended, attend, run


class SilentError(Exception):
    """A host doesn't answer; the message is the limit that it reached."""


@dataclass(frozen=True)
class Request:
    """A command for a host.

    + words: quoted for the host's shell
    + terminal: the host gives the command a terminal
    """

    words: str
    stdin: Iterable[bytes]
    marks: Marks
    limits: Limits
    terminal: bool = False

    def send(
        self,
        client: Sequence[str],
        target: str,
        environment: Mapping[str, str] | None = None,
    ) -> tuple[str, Ended]:
        """Send it by a command of ssh to what that connects to; return what ssh printed itself.

        What the host printed goes to the marks.
        """
        flags = ("-tt",) if self.terminal else ()
        command = [*client, *flags, "--", target, self.marks.around(self.words)]
        self.marks.early.clear()
        ended = run(command, self.stdin, self.marks.take, self.limits, environment)
        self.marks.end()
        return "\n".join(self.marks.early), ended

    def share(
        self, master: Master, *, agent: bool = False, seconds: float | None = None
    ) -> tuple[str, Ended] | None:
        """Send it over a master connection; return as ``send`` does, None if nothing was sent.

        + agent: the command may use the user's agent
        + seconds: the time in which the host has to open a session, that of the limits if None

        Raises ``SilentError`` where the host opens none in time; then nothing runs there either.
        """
        if self.terminal:
            # The terminal's settings are those of the client's own.
            output, ended = self.send(master.client, "host")
            return None if ended.reached is None and UNSENT in output else (output, ended)
        self.marks.early.clear()
        seconds = min(seconds or self.limits.first_byte, self.limits.first_byte)
        channel: Channel | None = None
        try:
            with gevent.Timeout(seconds, False):
                # What the host is slow to begin has been given up by then, and runs nothing.
                words = self.marks.around(self.words, gated=True)
                channel = Channel(master.path, words, agent=agent)
        except UnsentError:
            return None
        if channel is None:
            raise SilentError(f"it had not begun after {seconds:g} s")
        ended = attend(channel, chain((GATE,), self.stdin), self.marks.take, self.limits)
        self.marks.end()
        return "\n".join(self.marks.early), ended
