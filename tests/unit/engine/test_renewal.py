"""What engine.renewal promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from pyinfra.api.state import State

from homeport.deployment import lifecycle
from homeport.engine import renewal, rollback_on_failure
from homeport.operations import files
from tests.support.fake_hostctl import Guarding
from tests.support.guarded_deploy import Late, Start, deploy, late, run, start
from tests.support.host_folders import Fleet
from tests.support.real_delivery import as_root

__all__ = ["late", "start"]


pytestmark = as_root
EVERY = 0.02


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    begin, begun = renewal.start, []

    def often(state: State) -> gevent.Greenlet:
        begun.append(begin(state, EVERY))
        return begun[-1]

    monkeypatch.setattr(renewal, "start", often)
    yield
    gevent.killall(begun)


def renewals(guarding: Guarding, host: str) -> list[str]:
    return [call for call in guarding.calls(host) if call.startswith("renew")]


def test_renewal__a_host_that_takes_its_time_has_no_other_reverted(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a", "b")
    answer = fleet.answer

    def slow(host: Any, command: Any, **arguments: Any) -> Any:
        if "touch late" in command.get_raw_value() and host.name == "@fake/b":
            for _ in range(200):
                gevent.sleep(EVERY)
                if len(renewals(guarding, "a")) > 2 and len(renewals(guarding, "b")) > 2:
                    break
        return answer(host, command, **arguments)

    fleet.answer = slow  # type: ignore[method-assign] # of this fleet alone
    deploy(fleet, late)
    assert fleet.failed() == set()
    for host in "ab":
        assert set(renewals(guarding, host)) == {"renew shop"}
        assert guarding.calls(host)[-1] == "confirm shop"
    gevent.sleep(5 * EVERY)
    assert guarding.calls("a")[-1] == "confirm shop"


def test_renewal__a_host_that_gives_no_answer_delays_no_other(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a", "b")
    answer = fleet.answer

    def silent(host: Any, command: Any, **arguments: Any) -> Any:
        if " renew " in command.get_raw_value() and host.name == "@fake/b":
            gevent.sleep(60)
        return answer(host, command, **arguments)

    fleet.answer = silent  # type: ignore[method-assign] # of this fleet alone
    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    run(fleet)
    for _ in range(200):
        gevent.sleep(EVERY)
        if len(renewals(guarding, "a")) > 2:
            break
    assert len(renewals(guarding, "a")) > 2
    assert renewals(guarding, "b") == []


def test_renewal__it_ends_with_the_run(
    fleet: Fleet, guarding: Guarding, late: Late, start: Start
) -> None:
    start("a")
    fleet.add(lifecycle.begin)
    fleet.add(files.converge)
    run(fleet)
    renewing = renewal.start(fleet.state)
    assert rollback_on_failure.end(fleet.state, renewing)
    assert renewing.dead
