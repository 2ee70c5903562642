"""A host that the system's ssh reaches: a server in this process, and a pyinfra host for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import paramiko
import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.openssh.connector import OpenSSHConnector
from homeport.openssh.entry_point import register
from tests.support.fake_login import WORD, line
from tests.support.fake_ssh_server import Door
from tests.support.fake_sudo import ASKING

Connect = Callable[..., OpenSSHConnector]


@pytest.fixture
def server(keys: dict[str, paramiko.PKey], tmp_path: Path) -> Iterator[Door]:
    """A host that lets deploy in by key, and asks it for nothing."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sudo").write_text(ASKING % (tmp_path / "calls"))
    (programs / "sudo").chmod(0o755)
    entered = {"deploy": line(keys["mine"])}
    with Door([keys["host"]], entered, {}, programs, {"PASSWORD": WORD}) as door:
        yield door


@pytest.fixture
def connect(
    server: Door,
    keys: dict[str, paramiko.PKey],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Connect]:
    """Return a connector that is logged in; host data may differ."""
    made: list[OpenSSHConnector] = []
    key = tmp_path / "key"
    keys["mine"].write_private_key_file(str(key))
    known = tmp_path / "known_hosts"
    known.write_text(f"{server.known_as} {line(keys['host'])}\n")

    def connect(opened: bool = True, **more: Any) -> OpenSSHConnector:
        data = {
            "ssh_hostname": "127.0.0.1",
            "ssh_port": server.port,
            "ssh_user": "deploy",
            "ssh_key": str(key),
            "ssh_known_hosts_file": str(known),
            "ssh_config_file": "none",
            "ssh_persist": 0,
            **more,
        }
        register()
        state = State(Inventory(([("@openssh/shed", data)], {})), Config())
        connector = state.inventory.get_host("shed").connector
        assert isinstance(connector, OpenSSHConnector)
        made.append(connector)
        if opened:
            connector.connect()
        return connector

    # A socket's name has 108 bytes (unix(7)): that of pytest's folder can be too long.
    with TemporaryDirectory(prefix="hp-", dir="/tmp") as runtime_directory:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime_directory)
        yield connect
        for connector in made:
            connector.disconnect()


def logins(door: Door) -> int:
    """Return how many times a host was logged in to by key."""
    return door.tried.count(("deploy", "publickey"))


def out(connector: OpenSSHConnector, command: str, **arguments: Any) -> tuple[bool, str, str]:
    """Run a command; return whether it went well, and what it printed."""
    done, output = connector.run_shell_command(StringCommand(command), **arguments)
    return done, output.stdout, output.stderr
