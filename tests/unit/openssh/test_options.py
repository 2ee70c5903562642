"""The options of ssh: host data first, and for the rest whatever ssh itself makes of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.openssh.options import SshConfigError, of_host, plain, settings, where

CONFIG = """\
Match final all
    ServerAliveInterval 7
Match exec "false"
    HostName 203.0.113.9
Host shed
    HostName 192.0.2.7
    Port 2222
    User ann
    ProxyJump gate
    RequestTTY force
    RemoteCommand tmux
    LocalForward 8080 127.0.0.1:80
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config"
    file.write_text(CONFIG)
    return str(file)


def test_options__ssh_itself_says_where_a_host_is(config: str) -> None:
    found = settings("shed", plain(of_host({"ssh_config_file": config}, 3)))
    assert (found["hostname"], found["port"], found["user"]) == (["192.0.2.7"], ["2222"], ["ann"])
    assert found["proxyjump"] == ["gate"]
    assert found["connecttimeout"] == ["3"]
    assert settings("other", plain(of_host({"ssh_config_file": config}, 3)))["hostname"] == [
        "other"
    ]


def test_options__a_command_gets_no_terminal_session_of_the_users(config: str) -> None:
    found = settings("shed", plain(of_host({"ssh_config_file": config}, 3)))
    assert found["requesttty"] == ["false"]
    assert found.get("remotecommand", ["none"]) == ["none"]
    assert "localforward" not in found
    assert found["batchmode"] == ["yes"]


def test_options__host_data_win(config: str, tmp_path: Path) -> None:
    key = tmp_path / "a key"
    key.touch()
    data = {
        "ssh_config_file": config,
        "ssh_port": 22,
        "ssh_user": "deploy",
        "ssh_key": str(key),
        "ssh_known_hosts_file": "/a place/known",
        "ssh_strict_host_key_checking": "yes",
        "ssh_keepalive": 5,
    }
    found = settings("shed", plain(of_host(data, 3)))
    assert (found["port"], found["user"]) == (["22"], ["deploy"])
    assert found["userknownhostsfile"] == ["/a place/known"]
    assert found["identityfile"][0] == str(key)
    assert (found["identitiesonly"], found["stricthostkeychecking"]) == (["yes"], ["true"])
    assert found["serveraliveinterval"] == ["5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("Host shed\n  NoSuchOption yes\n", "line 2: Bad configuration option"), ("Port\n", "line 1")],
)
def test_options__a_file_that_ssh_cannot_read_is_named_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(SshConfigError, match=message):
        settings("shed", of_host({"ssh_config_file": str(file)}, 3))


def test_options__a_name_that_is_an_option_is_no_option() -> None:
    with pytest.raises(SshConfigError, match="invalid"):
        settings("-oProxyCommand=touch /tmp/x", [])


def test_options__a_host_is_named_by_its_data_or_by_the_inventory() -> None:
    assert where("@ssh/pi", {}) == "pi"
    assert where("pi", {}) == "pi"
    assert where("pi", {"ssh_hostname": "192.0.2.1"}) == "192.0.2.1"
