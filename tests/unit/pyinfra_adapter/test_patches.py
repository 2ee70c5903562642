"""Each shortcut comes to the same as pyinfra's own way."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pyinfra
import pytest
from pyinfra.api import arguments
from pyinfra.api.config import Config
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State
from pyinfra.api.util import get_operation_order_from_stack

from homeport.pyinfra_adapter import patches
from homeport.pyinfra_adapter.patches import SHOWN, TruncatedSet, order, pop_global_arguments

GROUPS: dict[str, Any] = {
    "staging": (["@fake/one"], {"_sudo": True, "_env": {"A": "1"}, "architecture": "amd64"}),
    "late": (["@fake/one"], {"_retries": 3, "name": "Whatever it does"}),
}


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    # Only on the command line does pyinfra tell operations apart by where they stand.
    monkeypatch.setattr(pyinfra, "is_cli", True)
    inventory = Inventory(([("@fake/one", {"_chdir": "/tmp"})], {"_sudo": False}), None, **GROUPS)  # type: ignore[no-untyped-call] # pyinfra's
    state = State(inventory, Config())
    state.current_op_file_number = 2
    return state


def deeper(state: State) -> tuple[list[int], list[int]]:
    ours, theirs = (find(state) for find in (order, get_operation_order_from_stack))
    return ours, theirs


@pytest.mark.parametrize("deploy", [__file__, "elsewhere.py", None])
def test_patches__an_operation_stands_where_pyinfra_finds_it(
    state: State, deploy: str | None
) -> None:
    state.current_deploy_filename = deploy
    ours, theirs = deeper(state)
    assert ours == theirs
    assert ours[0] == 2


def test_patches__two_lines_of_a_deploy_file_are_two_operations(state: State) -> None:
    state.current_deploy_filename = __file__
    first, _ = deeper(state)
    second, _ = deeper(state)
    assert first != second
    assert len(first) == len(second)


@pytest.fixture
def host(state: State) -> Host:
    return next(iter(state.inventory))


@pytest.mark.parametrize("keywords", [{}, {"name": "Files", "_sudo": False, "path": "/x"}])
@pytest.mark.parametrize("around", [None, {"_sudo_user": "app", "_env": {"B": "2"}}])
def test_patches__operations_have_the_arguments_that_pyinfra_gives_them(
    state: State, host: Host, keywords: dict[str, Any], around: Any
) -> None:
    host.current_deploy_kwargs = around
    host.data._timeout = 7
    ours, theirs = dict(keywords), dict(keywords)
    found = pop_global_arguments(state, host, ours)
    assert found == arguments.pop_global_arguments(state, host, theirs)
    assert ours == theirs
    known = found[0]
    assert (known["_timeout"], known["_retries"], known["_chdir"]) == (7, 3, "/tmp")


def test_patches__what_an_operation_does_to_its_arguments_stays_with_it(
    state: State, host: Host
) -> None:
    pop_global_arguments(state, host, {})[0]["_env"]["A"] = "2"
    assert pop_global_arguments(state, host, {})[0]["_env"] == {"A": "1"}


def test_patches__data_that_changes_between_two_operations_is_seen(
    state: State, host: Host
) -> None:
    pop_global_arguments(state, host, {})
    host.data._sudo_user = "app"
    assert pop_global_arguments(state, host, {})[0]["_sudo_user"] == "app"


def test_patches__all_hosts_are_waited_for_and_few_are_named() -> None:
    everybody = {f"host-{number}" for number in range(5 * SHOWN)}
    waiting = TruncatedSet(everybody)
    assert list(waiting) == list(everybody)[:SHOWN]
    assert len(waiting) == len(everybody)
    for host in everybody:
        assert host in waiting
        waiting.remove(host)
    assert not waiting


def test_patches__pyinfra_takes_them_and_taking_them_twice_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    operation = sys.modules["pyinfra.api.operation"]
    waiting = [sys.modules[f"pyinfra.api.{name}"] for name in ("operations", "connect")]
    # So that all is as before when this ends.
    for name in ("get_operation_order_from_stack", "pop_global_arguments"):
        monkeypatch.setattr(operation, name, None)
    for module in waiting:
        monkeypatch.setattr(module, "progress_spinner", None)
    monkeypatch.setattr(logging, "logThreads", True)
    names = arguments.all_global_arguments()
    monkeypatch.setattr(arguments, "all_global_arguments", None)
    for _ in range(2):
        patches.apply_patches()
        assert vars(operation)["get_operation_order_from_stack"] is order
        assert vars(operation)["pop_global_arguments"] is pop_global_arguments
        assert arguments.all_global_arguments() == names
        for module in waiting:
            with vars(module)["progress_spinner"]({"one", "two"}) as done:
                done("one")
        assert not logging.logThreads
