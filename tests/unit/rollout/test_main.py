"""The story of a rollout, from what was typed to its exit code and its table."""

from __future__ import annotations

import pytest

from tests.support.fake_pyinfra import World
from tests.support.rollout_table import table


def test_rollout__all_hosts_are_done_canary_first(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("d", "b", "c", "a", rollout={"batch_size": 2})
    world.facts = {"d": {"release": "new", "open": False, "last": {"outcome": "confirmed"}}}
    assert world.roll_out("-y") == 0
    assert world.turns() == [["d"], ["b", "c"], ["a"]]
    output = capsys.readouterr().err
    assert table(output)["d"] == "new done confirmed"
    assert table(output)["a"] == "unknown done -"


@pytest.mark.parametrize("fate", ["failed", "cut off", "unreachable", "dead"])
def test_rollout__a_canary_that_does_not_come_through_stops_the_rest(
    world: World, capsys: pytest.CaptureFixture[str], fate: str
) -> None:
    world.have("a", "b", "c")
    world.fates = {"a": fate}
    assert world.roll_out("-y") == 1
    assert world.turns() == [["a"]]
    output = capsys.readouterr().err
    assert "--> Stopped: a " in output
    assert table(output)["b"] == table(output)["c"] == "unknown not started -"


def test_rollout__a_failure_in_a_batch_stops_those_after_it_and_not_its_neighbours(
    world: World,
) -> None:
    world.have("a", "b", "c", "d", rollout={"batch_size": 2})
    world.fates = {"b": "failed"}
    assert world.roll_out("-y") == 1
    assert world.turns() == [["a"], ["b", "c"]]


def test_who_cannot_be_reached_is_passed_over_if_that_is_said_and_the_run_is_no_success(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a", "b", "c", rollout={"unreachable": "skip"})
    world.fates = {"b": "unreachable"}
    assert world.roll_out("-y") == 1
    assert world.turns() == [["a"], ["b"], ["c"]]
    assert table(capsys.readouterr().err)["b"] == "unknown can't be reached -"
    # Nor is it asked again what it has: that would take as long as before.
    arguments = world.calls()[-1]
    assert [a for a in arguments if "--limit=" in a] == ["--limit=a", "--limit=c"]


def test_rollout__an_error_is_told_before_any_host_is_called(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a")
    world.error = "app.yml:3: x is wrong. Fix: write y."
    assert world.roll_out("-y") == 2
    assert capsys.readouterr().err == "app.yml:3: x is wrong. Fix: write y.\n"
    assert len(world.calls()) == 1


def test_rollout__a_dry_run_shows_the_order_and_is_one_run_of_all_hosts(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a", "b", "c", rollout={"batch_size": 2})
    assert world.roll_out("--dry", "--diff") == 0
    assert "    2. b, c\n" in capsys.readouterr().err
    assert world.calls() == [["--dry", "--diff", world.inventory, "deploy.py"]] * 2


@pytest.mark.parametrize("words", [[], ["-y"]])
def test_rollout__without_an_inventory_it_says_how_it_is_used(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    from homeport.rollout import __main__

    assert __main__.main(words) == 2
    assert capsys.readouterr().err.startswith("usage: python -m homeport.rollout INVENTORY")
    assert __main__.main(["--help"]) == 0
