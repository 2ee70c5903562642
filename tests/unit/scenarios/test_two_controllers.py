"""Two at work on one host, in any order of their steps, never leave something of both.

Two controllers deploy, one deploys while another rolls back or rotates a secret, or the dead-man
acts at each step of one. All phases take part.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from tests.support.racing_host import Host
from tests.support.real_delivery import as_root
from tests.support.two_controllers import Interleavings, Version, interleavings

__all__ = ["interleavings"]


pytestmark = as_root
OLDER, OLD = Version("older", "older"), Version("old", "old")
CODE, BOTH, SETTING = Version("one", "old"), Version("other", "other"), Version("old", "other")
SECRET = "secret-that-is-new"

ALL = bool(os.environ.get("HOMEPORT_ALL_ORDERS"))
"""Whether to try all orders, which take long: without it, a seeded sample of each kind."""

SAMPLE = 3


def ends(host: Host) -> Version:
    """Return the version that a host ends with: in its files, and in what answers."""
    assert not host.is_open()
    assert host.served() == host.version()
    return host.version()


def confirmed(host: Host) -> list[str]:
    """Return what was confirmed, in its order."""
    good = ("confirmed", "unchanged")
    return [line["what"] for line in host.history() if line["outcome"] in good]


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ([OLD], (CODE, BOTH)),
        ([OLD], (CODE, SETTING)),
        ([], (CODE, BOTH)),
    ],
    ids=["code and all", "a part each", "first deploys"],
)
def test_two_controllers_never_leave_a_mixture_whatever_the_order_of_their_commands(
    interleavings: Interleavings,
    before: Sequence[Version],
    wanted: tuple[Version, Version],
    capsys: pytest.CaptureFixture[str],
) -> None:
    number, found = 0, set()
    actors = [interleavings.work.deploy(each) for each in wanted]
    for host, controllers in interleavings.of(before, *actors, most=None if ALL else SAMPLE):
        number += 1
        pairs = zip(wanted, controllers, strict=True)
        done = [version for version, each in pairs if not each.has_failed]
        # One of them at least gets the host, and each that says so did it.
        assert len(confirmed(host)) == len(done) + len(before) > len(before)
        assert ends(host) in done
        found.add((host.version(), len(done)))
    with capsys.disabled():
        print(f"\n{number} interleavings of two deploys")
    assert number >= SAMPLE
    # In some order each of them was the only one, and the last of two.
    if ALL:
        assert found == {(version, count) for version in wanted for count in (1, 2)}


def after(version: Version, what: str, deployed: Version) -> Version:
    """Return what a confirmed work makes of a version."""
    if what == "rotation":
        return version._replace(secret=SECRET)
    return deployed if what == "deploy" else OLDER


@pytest.mark.parametrize("other", ["rollback", "rotation"])
def test_a_deploy_and_another_work_never_leave_a_mixture_whatever_their_order(
    interleavings: Interleavings, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    work, number, orders = interleavings.work, 0, set()
    theirs = work.rollback() if other == "rollback" else work.rotation(SECRET)
    actors = (work.deploy(BOTH), theirs)
    for host, controllers in interleavings.of([OLDER, OLD], *actors, most=None if ALL else SAMPLE):
        number += 1
        past = confirmed(host)[2:]
        assert len(past) == sum(not each.has_failed for each in controllers) > 0
        version, before = OLD, OLDER
        for what in past:
            # A rollback leads to what was confirmed before that which serves.
            wanted = before if what == "rollback" else after(version, what, BOTH)
            before, version = version, wanted
        assert ends(host) == version, past
        orders.add(tuple(past))
    with capsys.disabled():
        print(f"\n{number} interleavings of a deploy and a {other}")
    if ALL:
        assert orders == {("deploy",), (other,), ("deploy", other), (other, "deploy")}


@pytest.mark.parametrize("what", ["deploy", "rollback", "rotation"])
def test_the_dead_man_at_any_step_leaves_what_was_or_what_was_confirmed(
    interleavings: Interleavings, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    work, number, found = interleavings.work, 0, set()
    ways = {"deploy": work.deploy(BOTH), "rollback": work.rollback()}
    theirs = ways.get(what) or work.rotation(SECRET)
    actors = (theirs, work.deadman())
    most = None if ALL or what != "deploy" else 2 * SAMPLE
    for host, (controller, _) in interleavings.of([OLDER, OLD], *actors, most=most):
        number += 1
        wanted = OLD if controller.has_failed else after(OLD, what, BOTH)
        assert ends(host) == wanted
        assert (confirmed(host)[2:] == [what]) != controller.has_failed
        found.add(controller.has_failed)
    with capsys.disabled():
        print(f"\n{number} steps of a {what} at which its time was up")
    assert found >= {False}
    if what != "rotation":  # which takes one command, and no dead-man acts within
        assert True in found
