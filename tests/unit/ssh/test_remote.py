"""Commands outside of a deploy go over the connection of one: its address, its login, its sudo."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from homeport.ssh.remote import Remote, UnreachableError
from tests.support.fake_login import WORD, keys
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, logins, server

__all__ = ["connect", "keys", "server"]


@pytest.fixture
def shed(connect: Connect) -> Iterator[Remote]:
    """The host of the fake server."""
    remote = made(connect)
    yield remote
    remote.end()


def made(connect: Connect, **more: Any) -> Remote:
    """Return a host; its data may differ."""
    return Remote("shed", {**connect(opened=False).host.data.dict(), **more})


def test_remote__a_command_has_its_bytes_and_its_exit_code(shed: Remote, server: Door) -> None:
    ended = shed.run("printf '\\377a\\n'; echo it\\'s >&2; exit 3")
    assert (ended.code, ended.output, ended.errors) == (3, b"\xffa\n", "it's")
    # However long, and however much is quoted in it.
    assert len(shed.run(f"printf '{'x' * 100_000}'").output) == 100_000
    assert logins(server) == 1


def test_remote__root_is_what_a_deploy_makes_it(
    connect: Connect, server: Door, tmp_path: Path
) -> None:
    server.environment["ASKS"] = "yes"
    remote = made(connect, _sudo=True, sudo_password=WORD)
    # It reads nothing, least of all the password.
    assert remote.run("cat; echo done").output == b"done\n"
    assert " sh -c " in (tmp_path / "calls").read_text()
    remote.end()
    refused = made(connect, _sudo=True, sudo_password="wrong")
    with pytest.raises(UnreachableError, match=r"its sudo refuses deploy.*Fix: "):
        refused.run("true")
    refused.end()


def test_remote__two_at_once_log_in_once(shed: Remote, server: Door) -> None:
    two = [gevent.spawn(shed.run, f"sleep 0.2; echo {word}") for word in "ab"]
    assert [each.get().output for each in two] == [b"a\n", b"b\n"]
    assert logins(server) == 1


def test_remote__a_host_that_is_gone_says_so_and_may_come_back(shed: Remote, server: Door) -> None:
    shed.run("true")
    errors: list[str] = []

    def run() -> None:
        try:
            shed.run("sleep 2")
        except UnreachableError as error:
            errors.append(str(error))

    running = gevent.spawn(run)
    gevent.sleep(0.5)
    client = shed._connector.session.client()
    subprocess.run([*client, "-O", "exit", "host"], check=True)
    running.join()
    assert ["Fix: " in error for error in errors] == [True]
    assert shed.run("echo here").output == b"here\n"
    assert logins(server) == 2


def test_remote__a_host_that_is_silent_is_given_up(connect: Connect) -> None:
    remote = made(connect, ssh_command_timeout=1)
    with pytest.raises(UnreachableError, match=r"it took longer than 1 s\. Fix: "):
        remote.run("sleep 9")
    remote.end()


def test_remote__an_answer_without_end_is_ended(connect: Connect) -> None:
    remote = made(connect, ssh_output_limit=100_000)
    with pytest.raises(UnreachableError, match=r"it printed more than 100000 bytes\. Fix: "):
        remote.run("head -c 500000 /dev/zero")
    remote.end()


def test_remote__a_host_has_a_quarter_of_an_hour(
    shed: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float] = []
    execute = shed._connector.session.execute

    def noted(words: Any, stdin: Any, marks: Any, limit: Any, **more: Any) -> Any:
        limits.append(limit.whole)
        return execute(words, stdin, marks, limit, **more)

    monkeypatch.setattr(shed._connector.session, "execute", noted)
    shed.run("true")
    assert set(limits) == {900}
