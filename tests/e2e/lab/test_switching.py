"""The host program alone, on a real host: it switches, and finds back from where it is cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lab
from tests.e2e.lab.switching import (
    HOST,
    answer,
    deploy,
    halfway,
    history,
    install,
    ran,
    release,
    slots,
    until,
    whole,
)

LATE = "import time\ntime.sleep(4)"
RELEASES = {
    **release("v1"),
    **release("v2"),
    **release("late", LATE),
    **release("broken", "sys.exit('the release is broken')"),
}


@pytest.fixture(scope="module", autouse=True)
def host(hosts: None) -> Iterator[None]:
    """A host that has nothing but the program, and the files of some releases."""
    lab.reset(HOST)
    install(RELEASES)
    yield
    lab.reset(HOST)


@pytest.fixture(autouse=True)
def tiny(host: None) -> None:
    """An application of which the first release serves, and no other."""
    if answer() != "v1":
        deploy("first", "v1")
    whole("v1")


def test_a_release_that_is_confirmed_serves_and_the_slot_before_it_stops() -> None:
    before = slots()
    output = deploy("to-v2", "v2")
    assert "serves" in output
    assert answer() == "v2"
    assert len(slots().split()) == 2  # the old one still ends what it has begun
    whole("v2")
    assert slots() != before
    assert [history()[-1][name] for name in ("id", "outcome")] == ["to-v2", "confirmed"]


def test_a_release_that_crashes_is_reverted_and_says_why() -> None:
    output = ran("/root/deploy to-broken broken", code=1)
    assert "the release is broken" in output
    whole("v1")
    assert history()[-1]["outcome"] == "reverted"
    assert "marked bad" in ran("homeportctl rollback tiny broken", code=3)


def test_a_reboot_in_the_middle_of_an_activation_comes_back_with_the_old_release() -> None:
    with halfway("to-late", "late"):
        lab.reboot(HOST)
    whole("v1")
    assert "started anew" in history()[-1]["reason"]


def test_what_was_confirmed_serves_after_a_reboot() -> None:
    deploy("to-v2", "v2")
    lab.reboot(HOST)
    whole("v2")


def test_a_connection_that_is_killed_in_the_middle_of_an_activation_reverts_it() -> None:
    with halfway("late-again", "late") as connection:
        connection.kill()
    whole("v1")
    assert history()[-1]["reason"] == "its connection was gone"


def test_a_rollback_by_hand_takes_one_command() -> None:
    deploy("to-v2", "v2")
    assert "still runs" in ran("homeportctl rollback tiny")
    whole("v1")
    assert [history()[-1][name] for name in ("what", "outcome")] == ["rollback", "confirmed"]


def test_a_rollback_works_when_the_disk_is_full() -> None:
    deploy("to-v2", "v2")
    whole("v2")
    ran(SMALL)
    try:
        ran("homeportctl status tiny; homeportctl unlock")  # whatever writes makes the reserve
        ran("cat /dev/zero >/small/filler 2>/dev/null || :")
        assert ran("stat -f -c %a /small") == "0\n"
        ran("homeportctl rollback tiny")
        until(answer, "v1")
        assert "confirmed" in ran("tail -n 1 /var/lib/homeport/tiny/history")
    finally:
        lab.reset(HOST)
        install(RELEASES)


SMALL = """\
set -e
mkdir /small
mount -t tmpfs -o size=6m,nr_inodes=2000 none /small
for place in /etc/homeport /etc/systemd/system /srv /var/lib/homeport; do
  mkdir -p /small$place
  cp -a $place/. /small$place/
  mount --bind /small$place $place
done
systemctl daemon-reload
"""
