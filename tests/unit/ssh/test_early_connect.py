"""Connections are made while hosts are described, and pyinfra is told of them when it asks."""

from __future__ import annotations

from collections.abc import Callable

import gevent
import pytest
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.exceptions import ConnectError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State
from pyinfra.connectors.fake import FakeConnector
from pyinfra.connectors.ssh import SSHConnector
from pyinfra.context import ctx_state

from homeport.errors import UserError
from homeport.pyinfra_adapter.startup import import_in_turns, while_connecting

ANSWER = 0.01
"""Seconds after which a host of these tests has let somebody in."""


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what happened, in its order; hosts called gone can't be reached."""
    events: list[str] = []

    def connect(connector: SSHConnector) -> None:
        events.append(f"calls {connector.host.name}")
        gevent.sleep(60 if connector.host.name == "hangs" else ANSWER)
        if connector.host.name == "gone":
            raise ConnectError("nobody is there")
        events.append(f"{connector.host.name} let us in")

    monkeypatch.setattr(SSHConnector, "connect", connect)
    return events


def begin(check: Callable[[Host], object], *names: str, parallel: int = 5) -> State:
    state = State()
    with ctx_state.use(state):
        while_connecting(check)
    state.init(Inventory((names, {})), Config(PARALLEL=parallel))
    return state


def test_early_connect__a_host_is_described_while_it_is_being_connected_to(
    story: list[str],
) -> None:
    def check(host: Host) -> None:
        story.append(f"describes {host.name}")
        gevent.sleep(0)

    state = begin(check, "a")
    assert story == ["describes a", "calls a"]
    connect_all(state)
    assert story == ["describes a", "calls a", "a let us in"]
    assert [host.name for host in state.activated_hosts] == ["a"]


def test_early_connect__an_error_is_told_without_waiting_for_a_host_that_does_not_answer(
    story: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def check(host: Host) -> None:
        gevent.sleep(ANSWER)
        raise UserError("x is wrong", fix="write y")

    with pytest.raises(SystemExit), gevent.Timeout(30):
        begin(check, "hangs")
    assert story == ["calls hangs"]
    assert capsys.readouterr().err == "x is wrong. Fix: write y.\n"


def test_a_host_that_cannot_be_reached_is_told_when_pyinfra_asks_and_fails_alone(
    story: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    state = begin(lambda host: gevent.sleep(3 * ANSWER), "gone", "a")
    assert "nobody is there" not in caplog.text
    state.should_raise_failed_hosts = lambda state: False
    connect_all(state)
    assert "nobody is there" in caplog.text
    assert [host.name for host in state.activated_hosts] == ["a"]
    assert story.count("calls gone") == 1


def test_early_connect__a_host_that_reboots_is_connected_to_anew(story: list[str]) -> None:
    state = begin(lambda host: None, "a")
    connect_all(state)
    [host] = state.inventory
    host.disconnect()
    host.connect()
    assert story == ["calls a", "a let us in"] * 2


def test_early_connect__no_more_hosts_are_called_at_once_than_pyinfra_would(
    story: list[str],
) -> None:
    state = begin(lambda host: gevent.sleep(0), "a", "b", "c", parallel=2)
    assert story == ["calls a", "calls b"]
    connect_all(state)
    assert story.index("a let us in") < story.index("calls c")


def test_early_connect__what_is_not_reached_by_ssh_is_left_until_pyinfra_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(FakeConnector, "connect", lambda fake: calls.append(fake.host.name))
    state = begin(lambda host: gevent.sleep(0), "@fake/a")
    assert calls == []
    connect_all(state)
    assert calls == ["@fake/a"]


def test_early_connect__who_waits_for_an_answer_goes_on_between_imports() -> None:
    turns: list[int] = []
    import_in_turns(["json"], [gevent.spawn(turns.append, 1)])
    assert turns == [1]


def test_early_connect__a_module_that_is_not_there_is_an_error_and_no_silence() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_in_turns(["homeport.no_such_module"])
