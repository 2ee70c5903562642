"""Ask a host: all probes in one remote command, run as the operation at work is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from pyinfra.api.command import StringCommand
from pyinfra.api.host import Host

from homeport.engine import host_hints
from homeport.engine.kind import AnyKind, DesiredState, ProbeError, ProbeOutput
from homeport.engine.probe_script import compose, parse
from homeport.pyinfra_adapter.commands import connector_arguments


def ask(
    host: Host, kinds: Sequence[AnyKind], description: DesiredState
) -> Mapping[str, ProbeOutput]:
    """Run the probes of these kinds in one remote command; return their outputs by kind.

    Raises ``ProbeError`` if the command fails, or its output isn't whole.
    """
    nonce, key = secrets.token_hex(8), secrets.token_hex(16)
    script = compose({kind.name: kind.probe(description, key) for kind in kinds}, nonce)
    try:
        done, output = host.run_shell_command(
            StringCommand("sh", "-s"), **{**connector_arguments(host), "_stdin": script}
        )
    except EOFError:
        # pyinfra asks for sudo's password where it needs one, and no terminal is there.
        raise ProbeError(
            host_hints.explain([host_hints.UNANSWERED]) or host_hints.UNANSWERED
        ) from None
    if not done:
        if known := host_hints.explain(output.stderr_lines):
            raise ProbeError(known)
        reason = "; ".join(output.stderr_lines[-3:]) or "it gave no reason"
        raise ProbeError(f"the probe failed: {reason}")
    try:
        return parse(output.stdout_lines, [kind.name for kind in kinds], nonce, key)
    except ProbeError as error:
        reason = "; ".join(output.stderr_lines[-3:])
        raise ProbeError(f"{error}{f' ({reason})' if reason else ''}") from error
