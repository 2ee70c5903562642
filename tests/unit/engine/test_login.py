"""The first login: by key if that works, by password if it must be, and never to a stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.errors import UserError
from homeport.ssh import reconnect as second_login
from homeport.ssh.address import address
from homeport.ssh.first_login import FirstLogin, LoginPlan
from homeport.ssh.known_hosts import fingerprint
from tests.unit.engine.door import Door
from tests.unit.engine.test_elevation import ASKING

WORD = "a word that nobody may see"
Reach = Callable[..., FirstLogin]


def line(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


@pytest.fixture(scope="module")
def keys() -> dict[str, paramiko.PKey]:
    return {name: paramiko.ECDSAKey.generate() for name in ("host", "mine", "other")} | {
        "rsa": paramiko.RSAKey.generate(2048)
    }


@pytest.fixture
def door(keys: dict[str, paramiko.PKey], tmp_path: Path) -> Iterator[Door]:
    """A host as a fresh image leaves it: pi by password, and sudo asks for that."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sudo").write_text(ASKING % (tmp_path / "calls"))
    (programs / "sudo").chmod(0o755)
    environment = {"ASKS": "yes", "PASSWORD": WORD}
    with Door([keys["host"], keys["rsa"]], {}, {"pi": WORD}, programs, environment) as door:
        yield door


@pytest.fixture
def host(door: Door, keys: dict[str, paramiko.PKey], tmp_path: Path) -> Host:
    """The host as the inventory has it; nothing of this machine's own ssh is used."""
    key = tmp_path / "key"
    keys["mine"].write_private_key_file(str(key))
    data = {
        "ssh_hostname": "127.0.0.1",
        "ssh_port": door.port,
        "ssh_user": "deploy",
        "ssh_key": str(key),
        "ssh_known_hosts_file": str(tmp_path / "known_hosts"),
        "ssh_config_file": str(tmp_path / "no-config"),
        "ssh_strict_host_key_checking": "yes",
    }
    state = State(Inventory(([("shed", data)], {})), Config())
    found: Host = state.inventory.get_host("shed")
    return found


@pytest.fixture
def reach(host: Host) -> Iterator[Reach]:
    """Reach the host; what is opened is closed in the end."""
    opened: list[FirstLogin] = []

    def reach(
        user: str | None = "pi", password: str = WORD, expected: str | None = None
    ) -> FirstLogin:
        place = address(host.name, host.data.dict())
        login = FirstLogin(host.state, host, LoginPlan(place, user, lambda: password, expected))
        opened.append(login)
        login.connect()
        return login

    yield reach
    for login in opened:
        if login.client:
            login.client.close()


def as_root(login: FirstLogin, command: str = "cat", **given: Any) -> tuple[bool, str, str]:
    done, output = login.run_shell_command(StringCommand(command), _sudo=True, **given)
    return done, output.stdout, output.stderr


def pin(host: Host, door: Door, key: str) -> Path:
    file = Path(host.data.ssh_known_hosts_file)
    file.write_text(f"# mine\n{door.known_as} {key}\n")
    return file


def test_a_fresh_host_is_entered_by_password_and_so_is_root(
    door: Door, reach: Reach, caplog: pytest.LogCaptureFixture
) -> None:
    login = reach()
    assert ("deploy", "publickey") in door.tried
    assert as_root(login, _stdin="what it reads") == (True, "what it reads", "")
    assert as_root(login) == (True, "", "")
    assert as_root(login, "exit 3")[0] is False
    assert WORD not in " ".join(door.ran) + caplog.text


def test_a_password_is_not_read_where_a_key_opens(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""

    def never() -> str:
        raise AssertionError("the password was read")

    place = address(host.name, host.data.dict())
    login = FirstLogin(host.state, host, LoginPlan(place, "pi", never))
    login.connect()
    try:
        assert as_root(login, _stdin="one")[:2] == (True, "one")
        assert len(door.ran) == 1
        assert as_root(login, _stdin="two")[:2] == (True, "two")
        assert ("pi", "password") not in door.tried
    finally:
        assert login.client
        login.client.close()


def test_a_key_that_does_not_open_sudo_is_helped_out_before_anything_ran(
    door: Door, reach: Reach, keys: dict[str, paramiko.PKey], tmp_path: Path
) -> None:
    door.keys["deploy"] = line(keys["mine"])
    login = reach()
    once = f"echo ran >>{tmp_path}/ran; cat"
    assert as_root(login, once, _stdin="one")[:2] == (True, "one")
    assert (tmp_path / "ran").read_text() == "ran\n"
    assert ("pi", "password") in door.tried


def test_a_command_that_fails_for_root_is_not_run_twice(
    door: Door, reach: Reach, keys: dict[str, paramiko.PKey], tmp_path: Path
) -> None:
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""
    assert as_root(reach(), f"echo ran >>{tmp_path}/ran; exit 1")[0] is False
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_root_of_an_image_needs_no_sudo(door: Door, reach: Reach) -> None:
    door.passwords["root"] = WORD
    assert door.programs
    (door.programs / "sudo").unlink()
    assert as_root(reach("root"), _stdin="what it reads") == (True, "what it reads", "")


@pytest.mark.parametrize(
    ("user", "password", "message"),
    [
        ("pi", "wrong", "deploy can't deploy .*, nor pi log in by password"),
        ("nobody", WORD, "nor nobody log in by password"),
        (None, WORD, r"Mend: say who can: bare = "),
    ],
)
def test_who_cannot_get_in_is_told_why_in_one_line(
    reach: Reach, user: str | None, password: str, message: str
) -> None:
    with pytest.raises(ConnectError, match=message) as caught:
        reach(user, password)
    assert "\n" not in str(caught.value)
    assert WORD not in str(caught.value)


def test_a_password_that_cannot_be_read_says_so(host: Host) -> None:
    def broken() -> str:
        raise UserError("can't be read", fix="write it", file="secrets/pi-password")

    way = LoginPlan(address(host.name, host.data.dict()), "pi", broken)
    with pytest.raises(ConnectError, match=r"secrets/pi-password: can't be read. Mend: write it"):
        FirstLogin(host.state, host, way).connect()


def test_a_sudo_that_no_password_opens_fails_the_look(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    door.keys["deploy"] = line(keys["mine"])
    login = reach(None)
    done, _, said = as_root(login)
    assert not done
    assert "sudo asks for a password" in said


def test_a_host_that_is_not_there_is_told_in_one_line(host: Host, door: Door) -> None:
    host.data.ssh_port = 1
    way = LoginPlan(address(host.name, host.data.dict()), "pi", lambda: WORD)
    with pytest.raises(ConnectError, match=r"^it can't be reached: "):
        FirstLogin(host.state, host, way).connect()


def test_a_first_contact_is_shown(
    reach: Reach, keys: dict[str, paramiko.PKey], host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Host, "log", lambda self, text, log_func=None: said.append(text))
    reach()
    told = f"ecdsa-sha2-nistp256 {fingerprint(line(keys['host']))}"
    assert said[0] == f"first contact: its key is {told}"
    assert not Path(host.data.ssh_known_hosts_file).exists()


def test_any_key_of_the_host_may_be_the_one_that_was_expected(
    reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    assert as_root(reach(expected=fingerprint(line(keys["rsa"]))))[0]


def test_no_password_goes_to_a_host_without_the_key_that_was_expected(
    door: Door, reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    expected = fingerprint(line(keys["other"]))
    with pytest.raises(ConnectError, match="host_key_fingerprint") as caught:
        reach(expected=expected)
    assert fingerprint(line(keys["rsa"])) in str(caught.value)
    assert door.tried == []


@pytest.mark.parametrize("name", ["other", "mine"])
def test_no_password_goes_to_a_host_that_shows_another_key_than_the_pinned(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey], name: str
) -> None:
    file = pin(host, door, line(keys[name]))
    with pytest.raises(ConnectError) as caught:
        reach()
    told = str(caught.value)
    assert told.startswith(f"{file}:2: {door.known_as} shows ecdsa-sha2-nistp256 ")
    assert f"`ssh-keygen -f {file} -R '{door.known_as}'`" in told
    assert door.tried == []


def test_a_pinned_key_is_talked_to_and_one_that_is_not_expected_is_not(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    pin(host, door, line(keys["host"]))
    assert as_root(reach())[0]
    assert as_root(reach(expected=fingerprint(line(keys["host"]))))[0]
    door.tried.clear()
    with pytest.raises(ConnectError, match=r"and none is SHA256"):
        reach(expected=fingerprint(line(keys["other"])))
    assert door.tried == []


def test_a_second_login_proves_key_sudo_and_pin(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    assert "No host key" in str(second_login.reason_against(host))
    pin(host, door, line(keys["host"]))
    assert "Authentication error" in str(second_login.reason_against(host))
    door.keys["deploy"] = line(keys["mine"])
    assert second_login.reason_against(host) == "deploy logs in, but sudo asks for a password"
    door.environment["ASKS"] = ""
    assert second_login.reason_against(host) is None


def test_a_host_is_closed_when_it_takes_keys_alone_and_still_ours(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    pin(host, door, line(keys["host"]))
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""
    assert second_login.reason_against_closed(host, 0) == "it still takes password"
    door.passwords.clear()
    assert second_login.reason_against_closed(host, 0) is None
    door.keys.clear()
    assert "Authentication error" in str(second_login.reason_against_closed(host, 0))


def test_a_daemon_that_reads_its_settings_late_is_waited_for(
    door: Door, host: Host, keys: dict[str, paramiko.PKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(host, door, line(keys["host"]))
    door.keys["deploy"], door.environment["ASKS"] = line(keys["mine"]), ""
    monkeypatch.setattr(second_login.time, "sleep", lambda seconds: door.passwords.clear())
    assert second_login.reason_against_closed(host, 60) is None


def test_a_host_that_was_entered_by_password_is_entered_so_anew(
    door: Door, host: Host, reach: Reach
) -> None:
    host.connector = reach()
    before = len(door._open)
    done, output = second_login.run(host, StringCommand("cat"), _stdin="in\n", _sudo=True)
    assert (done, output.stdout_lines) == (True, ["in"])
    assert len(door._open) > before
    # It isn't met for the first time: its key is the one that it showed.
    door.host_keys = [paramiko.ECDSAKey.generate()]
    with pytest.raises(ConnectError, match="and none is SHA256"):
        second_login.run(host, StringCommand("true"))


def test_a_command_is_run_over_a_connection_that_is_made_for_it(
    door: Door, host: Host, keys: dict[str, paramiko.PKey]
) -> None:
    with pytest.raises(second_login.FAILURES):
        second_login.run(host, StringCommand("true"))
    pin(host, door, line(keys["host"]))
    door.keys["deploy"] = line(keys["mine"])
    for _ in range(2):
        before = len(door._open)
        done, output = second_login.run(host, StringCommand("cat; echo out; false"), _stdin="in\n")
        assert (done, output.stdout_lines) == (False, ["in", "out"])
        assert len(door._open) == before + 1
        door._open[-1].join(5)
        assert not door._open[-1].is_active()
