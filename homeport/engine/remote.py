"""Ask a host: all probes in one remote command, run as the operation at work is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host

from homeport.engine.kind import AnyKind, DesiredState, ProbeError, ProbeOutput
from homeport.engine.probe_script import compose, parse
from homeport.host_lines import Advice
from homeport.hostctl.plain_text import one_line, quoted
from homeport.pyinfra_adapter.commands import answer_timeout, connector_arguments

PATIENCE = 15 * 60
"""Seconds in which a host has to answer a probe: the run of all others waits for it."""


def ask(
    host: Host, kinds: Sequence[AnyKind], description: DesiredState
) -> Mapping[str, ProbeOutput]:
    """Run the probes of these kinds in one remote command; return their outputs by kind.

    Raises ``ProbeError`` if the command fails, or its output isn't whole.
    """
    nonce, key = secrets.token_hex(8), secrets.token_hex(16)
    script = compose({kind.name: kind.probe(description, key) for kind in kinds}, nonce)
    arguments = connector_arguments(host)
    limit = arguments.get("_timeout") or answer_timeout(host, PATIENCE)
    try:
        done, output = host.run_shell_command(
            StringCommand("sh", "-s"), **{**arguments, "_stdin": script, "_timeout": limit}
        )
    except EOFError:
        # pyinfra asks for sudo's password where it needs one, and no terminal is there.
        raise _failure(None) from None
    except TimeoutError:
        raise ProbeError(f"the probe took longer than {limit:g} s") from None
    if not done:
        raise _failure(output.stderr_lines)
    try:
        return parse(output.stdout_lines, [kind.name for kind in kinds], nonce, key)
    except ProbeError as error:
        reason = _quoted(output.stderr_lines)
        raise ProbeError(f"{error}{f' ({reason})' if reason else ''}") from error


def _failure(lines: Sequence[str] | None) -> ProbeError:
    # A host that answers spares itself the import.
    from homeport.engine import host_hints

    lines = [host_hints.UNANSWERED] if lines is None else lines
    # The connection explains itself. What a host prints is never taken for that.
    if lines and isinstance(lines[-1], Advice):
        return ProbeError(lines[-1].rstrip("."))
    if known := host_hints.explain(lines):
        return ProbeError(known)
    return ProbeError(f"the probe failed: {_quoted(lines) or 'it gave no reason'}")


def _quoted(lines: Sequence[str]) -> str:
    # The end of what a host printed.
    text = one_line("; ".join(line for line in lines[-3:] if line.strip()))
    return quoted(text) if text else ""
