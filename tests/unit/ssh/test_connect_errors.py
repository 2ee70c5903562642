"""A connection that fails says what it means and how to fix it; the other hosts go on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import paramiko
import pytest
from pyinfra import logger
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State, StateStage

from homeport.ssh.connect_errors import ECHOES, explain, explain_connect_errors
from tests.support.fake_ssh_server import Door


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", False),
        ("    ssh-keygen -R pi", False),
        ("No host key for pi found in known_hosts", False),
        ("anything else", True),
    ],
)
def test_connect_errors__what_says_the_same_once_more_is_left_out(text: str, shown: bool) -> None:
    assert text.startswith(ECHOES) is not shown


def connected(ask: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[State, list[str]]:
    errors: list[str] = []
    monkeypatch.setattr(logger, "error", errors.append)
    hosts: list[Any] = ["@fake/good", ("@ssh/bad.invalid", {"ssh_key": "/nope"})]
    state = State(Inventory((hosts, {})), Config(FAIL_PERCENT=0))
    state.should_raise_failed_hosts = ask
    filters = list(logger.filters)
    explain_connect_errors(state)
    state.set_stage(StateStage.Connect)
    try:
        connect_all(state)
    finally:
        logger.filters[:] = filters
    return state, errors


def test_connect_errors__a_host_that_fails_fails_alone_and_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask(state: State) -> bool:
        raise AssertionError

    state, errors = connected(ask, monkeypatch)
    assert [host.name for host in state.failed_hosts] == ["@ssh/bad.invalid"]
    assert [host.name for host in state.active_hosts] == ["@fake/good"]
    assert len(errors) == 1
    assert "the login key can't be used: No such private key file: /nope" in errors[0]


def test_connect_errors__later_on_it_is_asked_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    state, _ = connected(lambda state: True, monkeypatch)
    state.set_stage(StateStage.Execute)
    assert state.should_raise_failed_hosts
    assert state.should_raise_failed_hosts(state) is True


def test_connect_errors__paramikos_threads_print_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    connected(lambda state: True, monkeypatch)
    found = logging.getLogger("paramiko").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in found)


@pytest.mark.parametrize(
    ("data", "logs_in"), [({}, False), ({"ssh_strict_host_key_checking": "accept-new"}, True)]
)
def test_connect_errors__a_host_that_is_not_known_is_refused_by_pyinfras_own_ssh_too(
    data: dict[str, Any], logs_in: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logger, "error", lambda line: None)
    mine, known = paramiko.ECDSAKey.generate(), tmp_path / "known_hosts"
    mine.write_private_key_file(str(tmp_path / "key"))
    known.touch()
    word = "a word that nobody may see"
    programs = tmp_path / "programs"
    programs.mkdir()
    with Door([paramiko.ECDSAKey.generate()], {}, {"pi": word}, programs, {}) as door:
        place = {
            **{"ssh_hostname": "127.0.0.1", "ssh_port": door.port, "ssh_user": "pi"},
            **{"ssh_password": word, "ssh_known_hosts_file": str(known)},
            **{"ssh_config_file": "none", **data},
        }
        hosts: list[Any] = ["@fake/good", ("@ssh/shed", place)]
        state = State(Inventory((hosts, {})), Config(FAIL_PERCENT=100))
        explain_connect_errors(state)
        state.set_stage(StateStage.Connect)
        connect_all(state)
        assert bool(door.tried) is logs_in
        assert bool(known.read_text()) is logs_in


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("Could not resolve hostname ([Errno -2] Name or service)", "there is no address for pi"),
        ("Could not connect (timed out)", "it does not answer at pi. Fix: check that it is on"),
        (
            "Could not connect ([Errno None] Unable to connect to port 2222 on 10.0.0.9)",
            "nothing listens on port 2222 of pi. Fix: start its SSH server",
        ),
        ("Authentication error (username=me) (Authentication failed.)", "it refuses the key of me"),
        ("SSH host key error (Host key for pi does not match.)", "its host key has changed"),
        (
            "SSH error (StrictPolicy: No host key for pi found in known_hosts)",
            "its host key is not known here. Fix: log in once",
        ),
        ("SSH error (x\ny)", "it can't be reached: SSH error (x y). Fix: name it @openssh/pi in"),
        ("", "it can't be reached: no reason is given. Fix: name it @openssh/pi in the inventory"),
    ],
)
def test_connect_errors__what_pyinfras_own_ssh_says_is_one_line(error: str, message: str) -> None:
    line = explain(error, "pi", {"ssh_user": "me", "ssh_port": 2222, "ssh_config_file": "none"})
    assert line.startswith(message)
    assert ". Fix: " in line
    assert "\n" not in line


@pytest.mark.parametrize("word", ["correct horse", "short"])
def test_connect_errors__no_password_is_in_what_pyinfra_prints_of_a_connection(
    word: str, caplog: pytest.LogCaptureFixture
) -> None:
    data = {"ssh_password": word, "ssh_key_password": word}
    hosts: list[Any] = ["@fake/good", ("@ssh/bad.invalid", data)]
    state = State(Inventory((hosts, {})), Config(FAIL_PERCENT=100))
    explain_connect_errors(state)
    state.set_stage(StateStage.Connect)
    with caplog.at_level(logging.DEBUG, "pyinfra"):
        connect_all(state)
    assert "Connecting to: bad.invalid" in caplog.text
    assert word not in caplog.text
