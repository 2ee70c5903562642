"""Homeport's own program on a host: asked over the connection at hand, or over a new one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host

from homeport.engine.host_failure import described
from homeport.hostctl import protocol
from homeport.hostctl.plain_text import one_line
from homeport.pyinfra_adapter.commands import answer_timeout
from homeport.ssh import connection

MARK = "homeportctl ended with"


@dataclass(frozen=True)
class HostctlResult:
    """The end of the program: its exit code, None if that isn't known, and its output."""

    code: int | None
    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Its last words, for a person to read."""
        lines = (one_line(line) for line in (self.err or self.out)[-3:])
        return "; ".join(lines) or "it gave no reason"


def ask(
    host: Host,
    words: Sequence[str],
    arguments: Mapping[str, Any],
    sent: str = "",
    *,
    anew: bool = False,
    shown: bool = False,
) -> HostctlResult:
    """Run the program with these words; return what it said, never raising if it can't be asked.

    + arguments: how commands are run there, such as by sudo
    + sent: what it reads on standard input
    + anew: over a connection of its own
    + shown: each line is printed as it is said
    """
    line = " ".join(map(quote, (protocol.PROGRAM, *words)))
    # pyinfra tells whether a command succeeded; here it matters how it failed.
    marked = f'{line}; echo "{MARK} $?"'
    options = {**arguments, **({"_stdin": sent} if sent else {})}
    if not shown:
        # An activation waits for processes; all else is short, and the run of all others waits.
        options["_timeout"] = options.get("_timeout") or answer_timeout(host, protocol.TTL)
    try:
        if shown:
            # Only where it fails: who follows it reads this line as well.
            command = StringCommand(f'{line} || echo "{MARK} $?"')
            done, output = host.run_shell_command(command, print_output=True, **options)
            ended = output.stdout_lines[-1:] if done else []
            # It prints its end where it fails, and then succeeds: it failed to be asked.
            well = 0 if done else None
            code = next((_code(last) for last in ended if last.startswith(MARK)), well)
            return HostctlResult(code, err=tuple(output.stderr_lines))
        run = connection.run_anew if anew else Host.run_shell_command
        _, output = run(host, StringCommand(marked), **options)
    except Exception as error:
        # Whatever it is: a deploy that is open goes on to be reverted.
        known = isinstance(error, connection.FAILURES) and str(error)
        return HostctlResult(None, err=(known or described(error),))
    *out, last = output.stdout_lines or [""]
    if not last.startswith(MARK):
        return HostctlResult(None, (*out, last), tuple(output.stderr_lines))
    return HostctlResult(_code(last), tuple(out), tuple(output.stderr_lines))


def _code(last: str) -> int | None:
    code = last.rpartition(" ")[2]
    return int(code) if re.fullmatch(r"[0-9]{1,3}", code) else None
