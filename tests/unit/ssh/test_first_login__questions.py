"""A first login asks for what opens a key, and for no password where the image has one."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import paramiko
import pytest

from tests.support.asking_host import ASKS, PHRASE, asking, guarded_key, runtime_folder
from tests.support.fake_login import WORD, keys, line
from tests.support.fake_ssh_server import Door
from tests.support.user_terminal import UserTerminal, sat_at

__all__ = ["asking", "guarded_key", "keys", "runtime_folder"]

Enter = Callable[[str, str | None], AbstractContextManager[UserTerminal]]
ENTER = """\
import json, sys

from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from homeport.ssh.address import address
from homeport.ssh.first_login import FirstLogin, LoginPlan

data, user, word = json.loads(sys.argv[1])
host = State(Inventory(([("shed", data)], {})), Config()).inventory.get_host("shed")
login = FirstLogin(host.state, host, LoginPlan(address(host.name, data), user, lambda: word))
try:
    login.connect()
    print(login.run_shell_command(StringCommand("echo entered as $USER"))[1].stdout)
except ConnectError as error:
    print(f"failed: {error}")
finally:
    login.disconnect()
"""


@pytest.fixture
def enter(
    asking: Door,
    keys: dict[str, paramiko.PKey],
    guarded_key: Path,
    tmp_path: Path,
    runtime_folder: Path,
) -> Enter:
    """Return what enters the host for the first time, as a user whom it knows or not."""
    known = tmp_path / "known_hosts"
    known.write_text(f"{asking.known_as} {line(keys['host'])}\n")
    asking.passwords["pi"] = WORD

    def enter(user: str, image_user: str | None) -> AbstractContextManager[UserTerminal]:
        data = {
            "ssh_hostname": "127.0.0.1",
            "ssh_port": asking.port,
            "ssh_user": user,
            "ssh_key": str(guarded_key),
            "ssh_known_hosts_file": str(known),
            "ssh_config_file": "none",
            "ssh_persist": 0,
        }
        argument = json.dumps([data, image_user, WORD])
        return sat_at(ENTER, argument, variables={"XDG_RUNTIME_DIR": str(runtime_folder)})

    return enter


def test_first_login__the_passphrase_of_a_key_is_asked_for(enter: Enter, asking: Door) -> None:
    with enter("deploy", "pi") as terminal:
        terminal.wait_for(ASKS)
        terminal.type(f"{PHRASE}\n")
        assert terminal.wait() == 0
        assert "entered" in terminal.shown
        assert ("pi", "password") not in asking.tried


def test_first_login__no_password_is_asked_for_where_the_image_has_one(
    enter: Enter, asking: Door
) -> None:
    with enter("stranger", "pi") as terminal:
        assert terminal.wait() == 0
        assert "entered" in terminal.shown
        assert "password:" not in terminal.shown
        assert ("pi", "password") in asking.tried


def test_first_login__where_the_image_has_none_ssh_asks_for_the_users(enter: Enter) -> None:
    with enter("pi", None) as terminal:
        terminal.wait_for("pi@127.0.0.1's password: ")
        terminal.type(f"{WORD}\n")
        assert terminal.wait() == 0
        assert "entered" in terminal.shown
