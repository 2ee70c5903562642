"""The entrance to a host: by a password of host data, or by what the user answers."""

from __future__ import annotations

import pytest

from homeport.openssh import entrance
from homeport.openssh.options import settings
from tests.support.fake_login import WORD, keys
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, out, server

__all__ = ["connect", "keys", "server"]


def test_entrance__a_password_opens_what_no_key_does(server: Door, connect: Connect) -> None:
    server.passwords["pi"] = WORD
    connector = connect(ssh_user="pi", ssh_password=WORD)
    assert out(connector, "echo in")[1] == "in"
    assert WORD not in " ".join(server.ran)


def test_entrance__a_wrong_password_is_tried_once(server: Door, connect: Connect) -> None:
    server.passwords["pi"] = "another"
    with pytest.raises(Exception, match="it refuses the key of pi, and the password"):
        connect(ssh_user="pi", ssh_password=WORD)
    assert server.tried.count(("pi", "password")) == 1


@pytest.mark.parametrize(
    ("data", "strict"),
    [
        ({}, "true"),
        ({"ssh_strict_host_key_checking": "ask"}, "true"),
        ({"ssh_strict_host_key_checking": "accept-new"}, "accept-new"),
    ],
)
def test_entrance__a_login_that_may_ask_does_not_ask_about_host_keys(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, data: dict[str, str], strict: str
) -> None:
    questions: list[list[str]] = []

    def ask(command: list[str], line: str) -> bool:
        questions.append(command)
        return False

    monkeypatch.setattr(entrance, "is_there", lambda: True)
    monkeypatch.setattr(entrance, "ask", ask)
    with pytest.raises(Exception, match="it refuses the key of other"):
        connect(ssh_user="other", **data)
    (command,) = questions
    found = settings("127.0.0.1", command[1 : command.index("--")])
    assert (found["batchmode"], found["stricthostkeychecking"]) == (["no"], [strict])


def test_entrance__host_data_that_have_a_password_leave_nothing_to_ask(
    server: Door, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(command: list[str], line: str) -> bool:
        raise AssertionError("the user is asked")

    server.passwords["pi"] = "another"
    monkeypatch.setattr(entrance, "is_there", lambda: True)
    monkeypatch.setattr(entrance, "ask", ask)
    with pytest.raises(Exception, match="it refuses the key of pi, and the password"):
        connect(ssh_user="pi", ssh_password=WORD)
