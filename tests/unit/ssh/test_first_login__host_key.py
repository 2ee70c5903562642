"""The first login shows the key of a host, and talks to none that shows another."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host

from homeport.ssh.known_hosts import fingerprint
from tests.support.fake_login import Reach, as_root, door, host, keys, line, pin, reach
from tests.support.fake_ssh_server import Door

__all__ = ["door", "host", "keys", "reach"]


def test_first_login__a_first_contact_is_shown(
    reach: Reach, keys: dict[str, paramiko.PKey], host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages: list[str] = []
    monkeypatch.setattr(Host, "log", lambda self, text, log_func=None: messages.append(text))
    reach()
    message = f"ecdsa-sha2-nistp256 {fingerprint(line(keys['host']))}"
    assert messages[0] == f"first contact: its key is {message}"
    assert not Path(host.data.ssh_known_hosts_file).exists()


def test_first_login__a_key_of_the_host_may_be_the_one_that_was_expected(
    reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    assert as_root(reach(expected=fingerprint(line(keys["rsa"]))))[0]


def test_first_login__no_password_goes_to_a_host_without_the_key_that_was_expected(
    door: Door, reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    expected = fingerprint(line(keys["other"]))
    with pytest.raises(ConnectError, match="host_key_fingerprint") as caught:
        reach(expected=expected)
    assert fingerprint(line(keys["rsa"])) in str(caught.value)
    assert door.tried == []


@pytest.mark.parametrize("name", ["other", "mine"])
def test_first_login__no_password_goes_to_a_host_that_shows_another_key_than_the_pinned(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey], name: str
) -> None:
    file = pin(host, door, line(keys[name]))
    with pytest.raises(ConnectError) as caught:
        reach()
    message = str(caught.value)
    assert message.startswith(f"{file}:2: {door.known_as} shows ecdsa-sha2-nistp256 ")
    assert f"`ssh-keygen -f {file} -R '{door.known_as}'`" in message
    assert door.tried == []


def test_first_login__a_pinned_key_is_talked_to_and_one_that_is_not_expected_is_not(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    pin(host, door, line(keys["host"]))
    assert as_root(reach())[0]
    assert as_root(reach(expected=fingerprint(line(keys["host"]))))[0]
    door.tried.clear()
    with pytest.raises(ConnectError, match=r"and none is SHA256"):
        reach(expected=fingerprint(line(keys["other"])))
    assert door.tried == []


def test_first_login__no_password_goes_to_a_host_whose_key_is_revoked(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey]
) -> None:
    file = Path(host.data.ssh_known_hosts_file)
    file.write_text(f"# mine\n@revoked * {line(keys['host'])}\n")
    with pytest.raises(ConnectError, match=rf"{file}:2: .* is revoked") as caught:
        reach(expected=fingerprint(line(keys["host"])))
    assert fingerprint(line(keys["host"])) in str(caught.value)
    # Another key of it is none of the revoked.
    assert as_root(reach(expected=fingerprint(line(keys["rsa"]))))[0]


@pytest.mark.parametrize("known", ["*", "other.lan,[127.0.0.?]:*"])
def test_first_login__a_pattern_knows_a_host_as_its_name_does(
    door: Door, host: Host, reach: Reach, keys: dict[str, paramiko.PKey], known: str
) -> None:
    file = Path(host.data.ssh_known_hosts_file)
    file.write_text(f"{known} {line(keys['host'])}\n")
    assert as_root(reach())[0]
    door.tried.clear()
    file.write_text(f"{known} {line(keys['other'])}\n")
    with pytest.raises(ConnectError, match=rf"{file}:1: .* and another key is pinned"):
        reach()
    assert door.tried == []
