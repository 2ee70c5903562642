"""A second login proves what only a new connection can."""

from __future__ import annotations

import paramiko
import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host

from homeport.ssh import connection
from tests.support.fake_login import Reach, door, host, keys, line, pin, reach
from tests.support.fake_ssh_server import Door

__all__ = ["door", "host", "keys", "reach"]


def test_connection__a_second_login_proves_key_sudo_and_pin(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    assert "its host key is not known here" in str(connection.reason_against(host))
    pin(host, door, line(keys["host"]))
    assert "it refuses the key of deploy" in str(connection.reason_against(host))
    door.keys["deploy"] = line(keys["mine"])
    assert connection.reason_against(host) == "deploy logs in, but sudo asks for a password"
    door.environment["ASKS"] = ""
    assert connection.reason_against(host) is None


def test_connection__a_host_is_closed_when_it_takes_keys_alone_and_still_ours(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    pin(host, door, line(keys["host"]))
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""
    assert connection.reason_against_closed(host, 0) == "it still takes password"
    door.passwords.clear()
    assert connection.reason_against_closed(host, 0) is None
    door.keys.clear()
    assert "it refuses the key of deploy" in str(connection.reason_against_closed(host, 0))


def test_connection__a_daemon_that_reads_its_settings_late_is_waited_for(
    door: Door, host: Host, keys: dict[str, paramiko.PKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(host, door, line(keys["host"]))
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""
    monkeypatch.setattr(connection.time, "sleep", lambda seconds: door.passwords.clear())
    assert connection.reason_against_closed(host, 60) is None


def test_connection__a_host_that_was_entered_by_password_is_entered_so_anew(
    door: Door, host: Host, reach: Reach
) -> None:
    host.connector = reach()
    before = len(door._open)
    done, output = connection.run_anew(host, StringCommand("cat"), _stdin="in\n", _sudo=True)
    assert (done, output.stdout_lines) == (True, ["in"])
    assert len(door._open) > before
    # It isn't met for the first time: its key is the one that it showed.
    door.host_keys = [paramiko.ECDSAKey.generate()]
    with pytest.raises(ConnectError, match="its host key has changed"):
        connection.run_anew(host, StringCommand("true"))


def test_connection__a_command_is_run_over_a_connection_that_is_made_for_it(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    with pytest.raises(connection.FAILURES):
        connection.run_anew(host, StringCommand("true"))
    pin(host, door, line(keys["host"]))
    door.keys["deploy"] = line(keys["mine"])
    for _ in range(2):
        before = len(door._open)
        done, output = connection.run_anew(
            host, StringCommand("cat; echo out; false"), _stdin="in\n"
        )
        assert (done, output.stdout_lines) == (False, ["in", "out"])
        assert len(door._open) == before + 1
        door._open[-1].join(5)
        assert not door._open[-1].is_active()
