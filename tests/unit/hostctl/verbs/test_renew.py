"""A deploy that is renewed has its time anew, whatever is at work on the host meanwhile."""

from __future__ import annotations

import subprocess
import sys

import pytest

from homeport.hostctl.system.exit_codes import DONE, REFUSED
from homeport.hostctl.system.process_handle import _living
from homeport.hostctl.verbs import begin
from tests.support.rehearsed_host import APP, Rehearsed

HOLDING = (
    "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
    "print(flush=True); sys.stdin.read()"
)


@pytest.fixture
def begun(rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch) -> Rehearsed:
    here = _living(1)
    monkeypatch.setattr(begin, "session", lambda: here)
    rehearsed.begin()
    return rehearsed


def test_renew__the_time_of_a_deploy_counts_anew_and_its_lease_is_held(begun: Rehearsed) -> None:
    for _ in range(5):
        begun.clock.passed += 600
        assert begun.run("renew", APP, "d1") == DONE
    journal = begun.journal()
    assert journal is not None
    assert (journal.remaining(), journal.state) == (900, "armed")
    assert begun.begin("d2") == REFUSED
    begun.clock.passed += 900
    assert begun.begin("d2") == DONE
    assert begun.reverted == ["d1: its time is up"]


def test_renew__no_process_at_work_is_waited_for(begun: Rehearsed) -> None:
    begun.clock.passed += 600
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, begun.place.mutex],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as activation:
        assert activation.stdout is not None
        activation.stdout.readline()
        assert begun.run("renew", APP, "d1") == DONE
        activation.communicate()
    journal = begun.journal()
    assert journal is not None
    assert journal.remaining() == 900


@pytest.mark.parametrize("name", ["d0", "d1"])
def test_renew__a_deploy_that_is_not_open_is_not_renewed(
    begun: Rehearsed, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    journal = begun.journal()
    assert journal is not None
    if name == "d1":
        journal.close()
    assert begun.run("renew", APP, name) == REFUSED
    assert f"deploy {name} of shop isn't open" in capsys.readouterr().err
    assert not begun.place.renewal.exists()


def test_renew__nothing_of_it_is_left_for_the_next_deploy(begun: Rehearsed) -> None:
    begun.run("renew", APP, "d1")
    journal = begun.journal()
    assert journal is not None
    journal.close()
    assert not begun.place.renewal.exists()
    # A renewal may come late: of a deploy that is over it tells nothing.
    journal.renew()
    begun.place.lease.unlink()
    assert begun.begin("d2") == DONE
    assert not begun.place.renewal.exists()
