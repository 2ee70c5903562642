"""The story of a rollout, from what was typed to its exit code and its table."""

from __future__ import annotations

import signal
import time

import pytest

from tests.unit.rollout.conftest import World


def table(said: str) -> dict[str, str]:
    """Return what the table says of each host."""
    lines = said.rpartition("last deploy there\n")[2].splitlines()
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


def test_all_hosts_are_done_canary_first(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.have("d", "b", "c", "a", rollout={"size": 2})
    world.said = {"d": {"release": "new", "open": False, "last": {"outcome": "confirmed"}}}
    assert world.roll_out("-y") == 0
    assert world.turns() == [["d"], ["b", "c"], ["a"]]
    told = capsys.readouterr().err
    assert table(told)["d"] == "new done confirmed"
    assert table(told)["a"] == "unknown done -"


@pytest.mark.parametrize("fate", ["failed", "cut off", "unreachable", "dead"])
def test_a_canary_that_does_not_come_through_stops_the_rest(
    world: World, capsys: pytest.CaptureFixture[str], fate: str
) -> None:
    world.have("a", "b", "c")
    world.fates = {"a": fate}
    assert world.roll_out("-y") == 1
    assert world.turns() == [["a"]]
    told = capsys.readouterr().err
    assert "--> Stopped: a " in told
    assert table(told)["b"] == table(told)["c"] == "unknown not begun -"


def test_a_failure_in_a_batch_stops_those_after_it_and_not_its_neighbours(world: World) -> None:
    world.have("a", "b", "c", "d", rollout={"size": 2})
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
    asked = world.calls()[-1]
    assert [a for a in asked if "--limit=" in a] == ["--limit=a", "--limit=c"]


def test_a_mistake_is_told_before_any_host_is_called(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a")
    world.mistake = "app.yml:3: x is wrong. Mend: write y."
    assert world.roll_out("-y") == 2
    assert capsys.readouterr().err == "app.yml:3: x is wrong. Mend: write y.\n"
    assert len(world.calls()) == 1


def test_hosts_that_ask_for_different_batches_are_a_mistake(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a", "b", rollout={"size": 2})
    world.hosts[1]["rollout"] = {"size": 3}
    assert world.roll_out("-y") == 2
    assert "a and b ask for different batches. Mend: say it once" in capsys.readouterr().err
    assert world.turns() == []


def test_a_dry_run_shows_the_order_and_is_one_run_of_all_hosts(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a", "b", "c", rollout={"size": 2})
    assert world.roll_out("--dry", "--diff") == 0
    assert "    2. b, c\n" in capsys.readouterr().err
    assert world.calls() == [["--dry", "--diff", world.inventory, "deploy.py"]] * 2


@pytest.mark.parametrize("words", [[], ["-y"]])
def test_without_an_inventory_it_says_how_it_is_used(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    from homeport.rollout import __main__ as rollout

    assert rollout.main(words) == 2
    assert capsys.readouterr().err.startswith("usage: python -m homeport.rollout INVENTORY")
    assert rollout.main(["--help"]) == 0


def interrupted(world: World, *, at: str) -> tuple[int, str]:
    """Return exit code and words of a rollout that gets SIGINT at some moment, and it alone."""
    process = world.start("-y")
    assert process.stderr is not None
    said = ""
    while at not in said:
        said += (line := process.stderr.readline())
        assert line, said
    while world.stuck and not (world.folder / "at-work").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=30)[1]
    return process.returncode, said + rest


def test_ctrl_c_between_batches_stops_and_says_who_has_what(world: World) -> None:
    world.have("a", "b", "c", rollout={"pause": 3600})
    code, said = interrupted(world, at="3600 s until")
    assert code == 1
    assert "--> Stopped by you" in said
    assert table(said) == {
        "a": "unknown done -", "b": "unknown not begun -", "c": "unknown not begun -"
    }  # fmt: skip
    assert "Traceback" not in said


@pytest.mark.parametrize("deaf", [False, True])
def test_ctrl_c_in_a_batch_ends_it_and_says_who_has_what(world: World, deaf: bool) -> None:
    world.have("a", "b")
    world.stuck, world.deaf = ["a"], deaf
    code, said = interrupted(world, at="--> Now a")
    assert code == 1
    assert table(said) == {"a": "unknown cut off -", "b": "unknown not begun -"}
    assert "Traceback" not in said


def test_pyinfra_that_is_not_there_is_named(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.have("a")
    (world.folder / "pyinfra").unlink()
    assert world.roll_out() == 2
    assert "can't be run: No such file or directory. Mend: " in capsys.readouterr().err


def test_an_inventory_without_an_order_is_taken_by_name(world: World) -> None:
    world.have("c", "a", "b")
    (world.folder / "pi.py").unlink()
    assert world.roll_out("-y") == 0
    assert world.turns() == [["a"], ["b"], ["c"]]
