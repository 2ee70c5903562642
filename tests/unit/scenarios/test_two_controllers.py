"""Two controllers deploy different things to one host, and it never has something of both."""

from __future__ import annotations

import os

import pytest

from tests.support.real_delivery import as_root
from tests.support.two_controllers import Interleavings, Version, interleavings

__all__ = ["interleavings"]


pytestmark = as_root
OLD: Version = ("old\n", "old\n")


SAMPLE = None if os.environ.get("HOMEPORT_ALL_ORDERS") else 25
"""Of first deploys there are 280, which take minutes: a seeded sample of them is tried."""


@pytest.mark.parametrize(
    ("first", "wanted", "most"),
    [
        (OLD, (("one\n", "old\n"), ("other\n", "other\n")), None),
        (OLD, (("one\n", "old\n"), ("old\n", "other\n")), None),
        (None, (("one\n", "one\n"), ("other\n", "other\n")), SAMPLE),
    ],
    ids=["a part and all", "a part each", "first deploys"],
)
def test_two_controllers_never_leave_a_mixture_whatever_the_order_of_their_commands(
    interleavings: Interleavings,
    first: Version | None,
    wanted: tuple[Version, Version],
    most: int | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    number, ends = 0, set()
    for host, controllers in interleavings.of(first, *wanted, most=most):
        number += 1
        done = [each for each in controllers if not each.has_failed]
        # One of them at least gets the host, and each that says so did it.
        confirmed = [line for line in host.history() if line["outcome"] == "confirmed"]
        assert len(confirmed) == len(done) + (first is not None) > (first is not None)
        assert not host.is_open()
        assert host.version() in [each.wanted for each in done]
        ends.add((host.version(), len(done)))
    with capsys.disabled():
        print(f"\n{number} interleavings of two deploys")
    assert number > 10
    # In some order each of them was the only one, and the last of two.
    if most is None:
        assert ends == {(version, count) for version in wanted for count in (1, 2)}
