"""What rollout.fleet promises."""

from __future__ import annotations

import pytest

from tests.support.fake_pyinfra import World


def test_fleet__hosts_that_ask_for_different_batches_are_an_error(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a", "b", rollout={"batch_size": 2})
    world.hosts[1]["rollout"] = {"batch_size": 3}
    assert world.roll_out("-y") == 2
    assert "a and b ask for different batches. Fix: set it once" in capsys.readouterr().err
    assert world.turns() == []


def test_fleet__an_inventory_without_an_order_is_taken_by_name(world: World) -> None:
    world.have("c", "a", "b")
    (world.folder / "pi.py").unlink()
    assert world.roll_out("-y") == 0
    assert world.turns() == [["a"], ["b"], ["c"]]
