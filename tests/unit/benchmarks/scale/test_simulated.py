"""A simulated host does what a real one would for a look and for `true`, and nothing else."""

from __future__ import annotations

import pytest
from pyinfra.connectors.util import read_output_buffers, write_stdin

from benchmarks.scale.recording import Player
from benchmarks.scale.simulated import Client
from homeport.engine.probe_script import compose, parse
from tests.support.recorded_host import RECORDING

SCRIPT = compose({"users": ":"}, "0123")


def run(command: str, sent: str = "") -> tuple[int, list[str], list[str]]:
    """Run a command as pyinfra's connector does."""
    stdin, stdout, stderr = Client("one", Player(RECORDING), 0).exec_command(command, get_pty=False)
    if sent:
        write_stdin(sent, stdin)
    stdin.close()
    output = read_output_buffers(stdout, stderr, None, False, "")
    return stdout.channel.recv_exit_status(), output.stdout_lines, output.stderr_lines


def test_simulated__a_look_is_answered() -> None:
    code, output, errors = run("sudo -H -n sh -c 'sh -s'", SCRIPT)
    assert (code, errors) == (0, [])
    assert parse(output, ["users"], "0123", "")["users"].text == ""


def test_simulated__true_is_true() -> None:
    assert run("sudo -H -n sh -c true") == (0, [], [])


@pytest.mark.parametrize(("command", "sent"), [("sh -c 'rm -r /'", ""), ("sh -c 'sh -s'", "id\n")])
def test_simulated__anything_else_fails(command: str, sent: str) -> None:
    code, output, errors = run(command, sent)
    assert (code, output) == (127, [])
    assert "simulated hosts don't know" in errors[0]
