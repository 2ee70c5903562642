"""A connection that fails says what it means and how to fix it; the other hosts go on."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pyinfra import logger
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State, StateStage

from homeport.ssh.connect_errors import ECHOES, explain, explain_connect_errors

PI = {"ssh_user": "me", "ssh_port": 2222, "ssh_known_hosts_file": "/k h"}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("Could not resolve hostname ([Errno -2] Name or service)", "there is no address for pi"),
        ("Could not connect (timed out)", "it does not answer at pi. Fix: check that it is on"),
        ("Could not connect ([Errno 113] No route to host)", "it does not answer at pi."),
        (
            "Could not connect ([Errno None] Unable to connect to port 2222 on 10.0.0.9)",
            "nothing listens on port 2222 of pi. Fix: start its SSH server",
        ),
        (
            "Authentication error (username=me) (Authentication failed.)",
            "it refuses the key of me. Fix: install the key with `ssh-copy-id -p 2222 me@pi`",
        ),
        ("SSH error (No authentication methods available)", "it refuses the key of me"),
        (
            "SSH host key error (Host key for pi does not match.)",
            "its host key has changed",
        ),
        (
            "SSH error (StrictPolicy: No host key for pi found in known_hosts)",
            "its host key is not known here. Fix: log in once, and compare the fingerprint that "
            "you are shown: `ssh -p 2222 me@pi`.",
        ),
        ("EOF error (EOF when reading a line)", "its host key is not known here"),
        ("No such private key file: /nope", "the login key can't be used: No such priv"),
        ("SSH error (Error reading SSH protocol banner)", "what listens on port 2222 of pi is no"),
        ("SSH error (x\ny)", "it can't be reached: SSH error (x y). Fix: see what `ssh -p 2222"),
        ("", "it can't be reached: no reason is given. Fix: see what `ssh -p 2222 me@pi` says."),
    ],
)
def test_connect_errors__a_connection_that_fails_is_one_line_with_its_mend(
    error: str, message: str
) -> None:
    line = explain(error, "pi", PI)
    assert line.startswith(message)
    assert ". Fix: " in line
    assert "\n" not in line


def test_connect_errors__the_mend_can_be_typed_as_it_stands() -> None:
    changed = explain("Host key for pi does not match", "pi", PI)
    assert "`ssh-keygen -R '[pi]:2222' -f '/k h'`" in changed
    plain = explain("Host key for pi does not match", "pi", {})
    assert "`ssh-keygen -R pi`" in plain
    config = explain("No host key for pi found in known_hosts", "pi", {"ssh_config_file": "c d"})
    assert "`ssh -F 'c d' pi`" in config


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", False),
        ("    ssh-keygen -R pi", False),
        ("No host key for pi found in known_hosts", False),
        ("No host key for pi found in known_hosts, accepting & adding to host keys file", True),
        ("anything else", True),
    ],
)
def test_connect_errors__what_says_the_same_once_more_is_left_out(text: str, shown: bool) -> None:
    assert (ECHOES.match(text) is None) is shown


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
