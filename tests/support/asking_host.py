"""Hosts that a user logs in to at a terminal, by a key with a passphrase."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import paramiko
import pytest

from tests.support.fake_login import line
from tests.support.fake_ssh_server import Door
from tests.support.user_terminal import UserTerminal, sat_at

PHRASE = "a phrase that no one else may see"
ASKS = "Enter passphrase for key"

RUN = """\
import json, sys

import gevent
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.openssh.entry_point import register
from homeport.ssh import connection

names, data, anew = json.loads(sys.argv[1])
register()
inventory = Inventory(([(f"@openssh/{name}", data) for name in names], {}))
state = State(inventory, Config())


def run(host):
    connector = host.connector
    try:
        connector.connect()
        for word in ("one", "two"):
            _, output = connector.run_shell_command(StringCommand(f"echo {host.name} ran {word}"))
            print(output.stdout, output.stderr, flush=True)
        if anew == "anew":
            _, output = connection.run_anew(host, StringCommand("cat"), _stdin="ran anew")
            print(output.stdout, flush=True)
        if anew == "against":
            print("against:", connection.reason_against(host), flush=True)
    except ConnectError as error:
        print(f"failed: {error}", flush=True)
    finally:
        connector.disconnect()


gevent.joinall([gevent.spawn(run, host) for host in inventory])
print("over")
"""

SitAt = Callable[..., AbstractContextManager[UserTerminal]]


@pytest.fixture
def guarded_key(tmp_path: Path) -> Path:
    """A private key with a passphrase."""
    key = tmp_path / "guarded"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", PHRASE, "-f", str(key)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return key


@pytest.fixture
def runtime_folder() -> Iterator[Path]:
    # A socket's name has 108 bytes (unix(7)): that of pytest's folder can be too long.
    with TemporaryDirectory(prefix="hp-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def asking(keys: dict[str, paramiko.PKey], guarded_key: Path) -> Iterator[Door]:
    """A host that lets deploy in by the key with a passphrase."""
    public = " ".join(guarded_key.with_suffix(".pub").read_text().split()[:2])
    with Door([keys["host"]], {"deploy": public}) as door:
        yield door


@pytest.fixture
def sit_at(
    asking: Door,
    keys: dict[str, paramiko.PKey],
    guarded_key: Path,
    tmp_path: Path,
    runtime_folder: Path,
) -> SitAt:
    """Return what runs two commands on some hosts, on a terminal; host data may differ."""
    known = tmp_path / "known_hosts"
    known.write_text(f"{asking.known_as} {line(keys['host'])}\n")

    def sit_at(
        *names: str, anew: str = "", stdin: int | None = None, **more: Any
    ) -> AbstractContextManager[UserTerminal]:
        data = {
            "ssh_hostname": "127.0.0.1",
            "ssh_port": asking.port,
            "ssh_user": "deploy",
            "ssh_key": str(guarded_key),
            "ssh_known_hosts_file": str(known),
            "ssh_config_file": "none",
            "ssh_persist": 0,
            **more,
        }
        argument = json.dumps([names or ("shed",), data, anew])
        variables = {"XDG_RUNTIME_DIR": str(runtime_folder)}
        return partial(sat_at, RUN, argument, variables=variables, stdin=stdin)()

    return sit_at
