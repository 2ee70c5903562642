"""What hostctl.transaction.lease promises."""

from __future__ import annotations

from homeport.hostctl.system.exit_codes import DONE
from homeport.hostctl.system.process_handle import ProcessHandle
from homeport.hostctl.transaction import lease
from tests.support.rehearsed_host import APP, Rehearsed


def test_lease_that_cannot_be_read_is_nobodys(rehearsed: Rehearsed) -> None:
    rehearsed.place.own.mkdir(parents=True)
    rehearsed.place.lease.write_text('{"id": "d0", "holder": {"pid"')
    assert rehearsed.begin() == DONE


def test_lease_of_another_deploy_is_not_given_up(rehearsed: Rehearsed) -> None:
    rehearsed.begin()
    lease.free(rehearsed.place, "d0")
    assert rehearsed.place.lease.exists()
    lease.free(rehearsed.place, "d1")
    assert not rehearsed.place.lease.exists()


def test_lease_is_read_as_it_was_written(rehearsed: Rehearsed) -> None:
    rehearsed.place.state.mkdir(parents=True)
    written = lease.Lease("d1", APP, "e", "deploy", "now", ProcessHandle(7, 9), {"boot": "b"}, 9.0)
    written.write(rehearsed.place)
    assert lease.read(rehearsed.place) == written
