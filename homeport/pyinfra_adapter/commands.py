"""The commands of an operation: the arguments they run with, and an explanation if they fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyinfra import logger
from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS, pop_global_arguments
from pyinfra.api.command import PyinfraCommand, StringCommand
from pyinfra.api.host import Host
from pyinfra.api.output import format_text
from pyinfra.api.state import State
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.host_lines import Advice, barred
from homeport.hostctl.masking import KNOWN

Explain = Callable[[Sequence[str]], str | None]
"""Returns what the lines of a failure mean and how to fix that, None if that isn't known."""


NOT_SHOWN = (
    "its output is not shown: it could hold {}, too short to be masked. Fix: give it 8 characters "
    "or more, or see on the host why it fails"
)


def connector_arguments(host: Host) -> dict[str, Any]:
    """Return how commands are run on a host, such as by sudo.

    The arguments are those of the operation at work; without one, those of the host's data.
    """
    arguments = host.current_op_global_arguments or pop_global_arguments(host.state, host, {})[0]
    return {name: value for name, value in arguments.items() if name in CONNECTOR_ARGUMENT_KEYS}


def answer_timeout(host: Host, seconds: float) -> float:
    """Return the seconds in which a host has to answer: these, unless its data name a limit."""
    return float(host.data.get("ssh_command_timeout") or seconds)


def explained(command: str | PyinfraCommand, explain: Explain) -> PyinfraCommand:
    """Return the same command; the last line of a failure is what ``explain`` returns for it."""
    if isinstance(command, str):
        return _Explained(explain, command)
    if type(command) is not StringCommand:
        return command
    return _Explained(
        explain, *command.bits, _separator=command.separator, **command.connector_arguments
    )


class _Explained(StringCommand):
    def __init__(self, explain: Explain, *bits: Any, **arguments: Any) -> None:
        super().__init__(*bits, **arguments)
        self._explain = explain

    def execute(
        self, state: State, host: Host, connector_arguments: Any
    ) -> tuple[bool, CommandOutput]:
        done, output = super().execute(state, host, connector_arguments)
        if not done and KNOWN.short:
            # What an application prints may stand in it, and pyinfra prints it.
            output = _without_foreign(output)
        elif not done and (known := self._explain(output.output_lines)):
            output.combined_lines.append(OutputLine("stderr", Advice(known)))
        return done, output


def print_failure(host: Host, output: CommandOutput) -> None:
    """Print what a host printed of a command that failed, in the place of pyinfra's own function.

    What others wrote stands behind a bar. It is left out where it could hold a short secret.
    """
    for line in _without_foreign(output) if KNOWN.short else output:
        text = barred(line.line)
        text = format_text(text, "red") if line.buffer_name == "stderr" else text
        logger.error(f"{host.print_prefix}{text}")


def show_no_output(state: State) -> None:
    """Make a run print nothing of what its hosts print, if it could hold a short secret."""
    if KNOWN.short:
        state.print_output = state.print_fact_output = False


def _without_foreign(output: CommandOutput) -> CommandOutput:
    ours = [line for line in output if isinstance(line.line, Advice)]
    if len(ours) < len(output.combined_lines):
        names = ", ".join(KNOWN.short)
        ours.append(OutputLine("stderr", Advice(NOT_SHOWN.format(names))))
    return CommandOutput(ours)
