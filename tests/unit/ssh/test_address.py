"""Where a host is, as pyinfra will work it out: by its data, then by the ssh_config."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.errors import UserError
from homeport.ssh.address import address

CONFIG = """\
Host shed
    HostName 192.0.2.7
    Port 2222
    UserKnownHostsFile /etc/hosts-of-mine /etc/others
    IdentityFile ~/.ssh/shed
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config"
    file.write_text(CONFIG)
    return str(file)


def test_address__a_host_that_no_config_speaks_of_is_where_its_name_is(config: str) -> None:
    found = address("pi.local", {"ssh_config_file": config})
    assert found.name == "pi.local"
    assert "~/.ssh/id_ed25519" in found.identities
    assert found.known_hosts == Path("~/.ssh/known_hosts").expanduser()
    assert address("@ssh/pi.local", {"ssh_config_file": config}).name == "pi.local"


def test_address__the_config_says_where_a_host_is_and_by_which_key(config: str) -> None:
    found = address("x", {"ssh_config_file": config, "ssh_hostname": "shed"})
    assert found.name == "[192.0.2.7]:2222"
    assert found.known_hosts == Path("/etc/hosts-of-mine")
    assert [Path(key).name for key in found.identities] == ["shed"]


def test_address__host_data_win(config: str) -> None:
    key = Path(config).with_name("key")
    key.touch()
    data = {"ssh_config_file": config, "ssh_port": 22, "ssh_key": str(key)}
    found = address("shed", {**data, "ssh_known_hosts_file": "f"})
    assert (found.name, found.known_hosts) == ("192.0.2.7", Path("f"))
    assert found.identities[0] == str(key)


def test_address__a_config_that_ssh_cannot_read_is_told_with_its_line(config: str) -> None:
    Path(config).write_text("Host shed\n  NoSuchOption yes\n")
    with pytest.raises(UserError, match=r"line 2: .* Fix: correct it"):
        address("shed", {"ssh_config_file": config})
