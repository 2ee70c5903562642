"""The first login: by key if that works, by password if it must be, and never to a stranger."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host

from homeport.errors import UserError
from homeport.ssh.address import address
from homeport.ssh.first_login import FirstLogin, LoginPlan
from homeport.ssh.known_hosts import fingerprint
from tests.support.fake_login import WORD, Reach, as_root, door, host, keys, line, reach
from tests.support.fake_ssh_server import Door

__all__ = ["door", "host", "keys", "reach"]


def test_first_login__a_fresh_host_is_entered_by_password_and_so_is_root(
    door: Door, reach: Reach, caplog: pytest.LogCaptureFixture
) -> None:
    login = reach()
    assert ("deploy", "publickey") in door.tried
    assert as_root(login, _stdin="what it reads") == (True, "what it reads", "")
    assert as_root(login) == (True, "", "")
    assert as_root(login, "exit 3")[0] is False
    assert WORD not in " ".join(door.ran) + caplog.text


def test_first_login__a_password_is_not_read_where_a_key_opens(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""

    def never() -> str:
        raise AssertionError("the password was read")

    place = address(host.name, host.data.dict())
    expected = fingerprint(line(keys["host"]))
    login = FirstLogin(host.state, host, LoginPlan(place, "pi", never, expected))
    login.connect()
    try:
        assert as_root(login, _stdin="one")[:2] == (True, "one")
        assert len(door.ran) == 1
        assert as_root(login, _stdin="two")[:2] == (True, "two")
        assert ("pi", "password") not in door.tried
    finally:
        login.disconnect()


def test_first_login__a_key_that_does_not_open_sudo_is_helped_out_before_anything_ran(
    door: Door, reach: Reach, keys: dict[str, paramiko.PKey], tmp_path: Path
) -> None:
    door.keys["deploy"] = line(keys["mine"])
    login = reach()
    once = f"echo ran >>{tmp_path}/ran; cat"
    assert as_root(login, once, _stdin="one")[:2] == (True, "one")
    assert (tmp_path / "ran").read_text() == "ran\n"
    assert ("pi", "password") in door.tried


def test_first_login__a_command_that_fails_for_root_is_not_run_twice(
    door: Door, reach: Reach, keys: dict[str, paramiko.PKey], tmp_path: Path
) -> None:
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""
    assert as_root(reach(), f"echo ran >>{tmp_path}/ran; exit 1")[0] is False
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_first_login__root_of_an_image_needs_no_sudo(door: Door, reach: Reach) -> None:
    door.passwords["root"] = WORD
    assert door.programs
    (door.programs / "sudo").unlink()
    assert as_root(reach("root"), _stdin="what it reads") == (True, "what it reads", "")


@pytest.mark.parametrize(
    ("user", "password", "message"),
    [
        ("pi", "wrong", "deploy can't deploy .*, nor pi log in by password"),
        ("nobody", WORD, "nor nobody log in by password"),
        (None, WORD, r"Fix: set bootstrap_login = "),
    ],
)
def test_first_login__who_cannot_get_in_is_told_why_in_one_line(
    reach: Reach, user: str | None, password: str, message: str
) -> None:
    with pytest.raises(ConnectError, match=message) as caught:
        reach(user, password)
    assert "\n" not in str(caught.value)
    assert WORD not in str(caught.value)


def test_first_login__a_password_that_cannot_be_read_says_so(
    host: Host, door: Door, keys: dict[str, paramiko.PKey]
) -> None:
    def broken() -> str:
        raise UserError("can't be read", fix="write it", file="secrets/pi-password")

    expected = fingerprint(line(keys["host"]))
    way = LoginPlan(address(host.name, host.data.dict()), "pi", broken, expected)
    with pytest.raises(ConnectError, match=r"secrets/pi-password: can't be read. Fix: write it"):
        FirstLogin(host.state, host, way).connect()


def test_first_login__a_sudo_that_no_password_opens_fails_the_look(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    door.keys["deploy"] = line(keys["mine"])
    login = reach(None)
    done, _, errors = as_root(login)
    assert not done
    assert "sudo asks for a password" in errors


def test_first_login__a_host_that_is_not_there_is_told_in_one_line(host: Host, door: Door) -> None:
    host.data.ssh_port = 1
    way = LoginPlan(address(host.name, host.data.dict()), "pi", lambda: WORD)
    with pytest.raises(ConnectError, match=r"^nothing listens on port 1 of 127.0.0.1. Fix: "):
        FirstLogin(host.state, host, way).connect()
