"""What hostctl.transaction.deploy_lock promises."""

from __future__ import annotations

from homeport.hostctl.system.exit_codes import DONE, REFUSED
from tests.support.capture import Capture
from tests.support.rehearsed_host import Rehearsed


def test_lock_stands_until_it_is_unlocked(rehearsed: Rehearsed, capsys: Capture) -> None:
    assert rehearsed.run("lock", "the disk is changed", "--user", "eve") == DONE
    rehearsed.clock.wall_time += 1e8
    rehearsed.clock.reboot()
    assert rehearsed.begin() == REFUSED
    assert rehearsed.run("unlock") == DONE
    assert rehearsed.begin() == DONE
    assert "until it is unlocked: the disk is changed" in capsys.readouterr().out


def test_lock_ends_by_itself(rehearsed: Rehearsed) -> None:
    rehearsed.run("lock", "it is Friday", "--for", "3h")
    rehearsed.clock.passed += 3 * 3600 - 1
    assert rehearsed.begin() == REFUSED
    rehearsed.clock.passed += 1
    assert rehearsed.begin() == DONE


def test_deploy_lock__a_clock_that_jumps_ends_no_lock(rehearsed: Rehearsed) -> None:
    rehearsed.run("lock", "it is Friday", "--for", "3h")
    rehearsed.clock.wall_time += 1e9
    assert rehearsed.begin() == REFUSED


def test_deploy_lock__a_reboot_leaves_a_lock_to_the_clock_on_the_wall(rehearsed: Rehearsed) -> None:
    rehearsed.run("lock", "it is Friday", "--for", "30m")
    rehearsed.clock.reboot()
    assert rehearsed.begin() == REFUSED
    rehearsed.clock.wall_time += 1800
    assert rehearsed.begin() == DONE


def test_lock_that_cannot_be_read_is_one(rehearsed: Rehearsed) -> None:
    rehearsed.place.state.mkdir(parents=True)
    rehearsed.place.lock.write_text("{")
    assert rehearsed.begin() == REFUSED
