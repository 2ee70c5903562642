"""What tests of several modules share: fake login."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.ssh.address import address
from homeport.ssh.first_login import FirstLogin, LoginPlan
from homeport.ssh.known_hosts import fingerprint
from tests.support.fake_ssh_server import Door
from tests.support.fake_sudo import ASKING

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
        "ssh_config_file": "none",
        "ssh_persist": 0,
    }
    state = State(Inventory(([("shed", data)], {})), Config())
    found: Host = state.inventory.get_host("shed")
    return found


@pytest.fixture
def reach(host: Host, keys: dict[str, paramiko.PKey]) -> Iterator[Reach]:
    """Reach the host; what is opened is closed in the end."""
    opened: list[FirstLogin] = []

    def reach(
        user: str | None = "pi", password: str = WORD, expected: str | None = None
    ) -> FirstLogin:
        place = address(host.name, host.data.dict())
        if not place.known_hosts.exists():
            expected = expected or fingerprint(line(keys["host"]))
        login = FirstLogin(host.state, host, LoginPlan(place, user, lambda: password, expected))
        opened.append(login)
        login.connect()
        return login

    yield reach
    for login in opened:
        login.disconnect()


def as_root(login: FirstLogin, command: str = "cat", **arguments: Any) -> tuple[bool, str, str]:
    done, output = login.run_shell_command(StringCommand(command), _sudo=True, **arguments)
    return done, output.stdout, output.stderr


def pin(host: Host, door: Door, key: str) -> Path:
    file = Path(host.data.ssh_known_hosts_file)
    file.write_text(f"# mine\n{door.known_as} {key}\n")
    return file
