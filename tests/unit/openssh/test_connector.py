"""A host over the system's ssh: one login for all, and a line for whatever goes wrong."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import ConnectError, InventoryError

from homeport.openssh import printing
from homeport.openssh.connector import OpenSSHConnector
from tests.support.fake_login import keys
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, logins, out, server

__all__ = ["connect", "keys", "server"]


def test_connector__one_login_serves_every_command(server: Door, connect: Connect) -> None:
    connector = connect()
    assert out(connector, "echo one; echo two >&2") == (True, "one", "two")
    assert out(connector, "cat", _stdin=["a", "b'c"]) == (True, "a\nb'c", "")
    assert out(connector, "exit 3")[0] is False
    assert out(connector, "exit 3", _success_exit_codes=[3])[0] is True
    assert logins(server) == 1


def test_connector__a_login_that_is_kept_serves_the_next_run(
    server: Door, connect: Connect, tmp_path: Path
) -> None:
    first = connect(ssh_persist=60)
    first.disconnect()
    second = connect(ssh_persist=60)
    assert out(second, "echo again")[1] == "again"
    assert logins(server) == 1
    second.data = {**second.data, "ssh_persist": 0}
    second.session.destination.data = second.data


def test_connector__files_go_and_come_by_the_byte(connect: Connect, tmp_path: Path) -> None:
    connector, data = connect(), os.urandom(200_000)
    place = tmp_path / "there" / "file"
    place.parent.mkdir()
    assert connector.put_file(BytesIO(data), str(place))
    assert place.read_bytes() == data
    back = BytesIO()
    assert connector.get_file(str(place), back)
    assert back.getvalue() == data
    assert connector.get_file(str(tmp_path / "no"), str(tmp_path / "mine")) is False
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"ssh_user": "other"}, r"^it refuses the key of other.* Fix: "),
        ({"ssh_known_hosts_file": "/dev/null"}, r"^its host key is not known here. Fix: "),
        ({"ssh_port": 1}, r"^nothing listens on port 1 of 127.0.0.1. Fix: "),
        ({"ssh_config_file": "/no/such"}, r"Fix: "),
        ({"ssh_password": {"file": "/no/such"}}, r"ssh_password: can't be read"),
    ],
)
def test_connector__a_host_that_cannot_be_reached_is_told_in_one_line(
    connect: Connect, data: dict[str, object], message: str
) -> None:
    with pytest.raises(ConnectError, match=message) as caught:
        connect(**data)
    assert "\n" not in str(caught.value)


def test_connector__a_host_is_named_without_the_connector() -> None:
    assert list(OpenSSHConnector.make_names_data("pi")) == [("pi", {"ssh_hostname": "pi"}, [])]
    with pytest.raises(InventoryError, match="@openssh/HOST"):
        list(OpenSSHConnector.make_names_data(""))


def test_connector__what_ended_a_command_is_printed_where_its_output_is(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    monkeypatch.setattr(printing, "echo", lambda text, err: printed.append(text))
    connector = connect(ssh_command_timeout=1)
    done, output = connector.run_shell_command(StringCommand("sleep 2"), print_output=True)
    assert not done
    (line,) = output.stderr_lines
    assert "it took longer than 1 s" in line
    assert [line in text for text in printed] == [True]


@pytest.mark.parametrize("error", [ValueError("x\x1b[2J\ny"), RecursionError(), MemoryError()])
def test_connector__whatever_an_answer_makes_fail_is_one_line_of_its_host(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    connector = connect()

    def execute(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(connector.session, "execute", execute)
    done, output = connector.run_shell_command(StringCommand("true"))
    assert not done
    (line,) = output.stderr_lines
    assert line.startswith(f"it answers what can't be read ({type(error).__name__}")
    assert line.isprintable()
    with pytest.raises(ConnectError, match="it answers what can't be read"):
        connector.run_anew(StringCommand("true"))
    monkeypatch.setattr(connector.session, "open", execute)
    with pytest.raises(ConnectError, match="it answers what can't be read"):
        connector.connect()
    monkeypatch.setattr(connector.session, "close", execute)
    connector.disconnect()
