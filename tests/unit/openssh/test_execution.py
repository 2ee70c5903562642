"""Commands on a host: their exit codes are their own, and their limits are theirs alone."""

from __future__ import annotations

from pyinfra.api.command import StringCommand

from tests.support.fake_login import keys
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, logins, out, server

__all__ = ["connect", "keys", "server"]


def test_execution__an_exit_code_of_255_is_the_commands(connect: Connect) -> None:
    assert out(connect(), "echo why >&2; exit 255") == (False, "", "why")


def test_execution__a_new_login_is_one(server: Door, connect: Connect) -> None:
    connector = connect()
    done, output = connector.run_anew(StringCommand("echo new"))
    assert (done, output.stdout, logins(server)) == (True, "new", 2)


def test_execution__a_new_login_needs_none_before(server: Door, connect: Connect) -> None:
    done, output = connect(opened=False).run_anew(StringCommand("exit 4"))
    assert (done, output.stdout, logins(server)) == (False, "", 1)


def test_execution__bytes_beyond_the_limit_end_a_command_and_no_other(connect: Connect) -> None:
    connector = connect(ssh_output_limit=1000)
    done, _, errors = out(connector, "head -c 5000 /dev/zero | tr '\\0' x")
    assert not done
    assert "more than 1000 bytes" in errors
    assert out(connector, "echo on")[1] == "on"
