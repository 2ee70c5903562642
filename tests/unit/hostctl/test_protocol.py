"""What the files of a host mean is told by one module, for the host and for those who deploy."""

from __future__ import annotations

from typing import Any

import pytest

from homeport.hostctl import protocol
from homeport.hostctl.protocol import Now, Stat

NOW = Now("b1", 1000.0, 5000.0)
JUST, BEFORE = {"boot": "b1", "mono": 990.0}, {"boot": "b0", "mono": 990.0}
OURS = {"id": "d1", "ttl": 50}
LEASE = {"id": "d1", "holder": {"pid": 7, "start": 70}, "moment": JUST, "ttl": 50}
SSHD = Stat("sshd", "S", 1, 70)


@pytest.mark.parametrize(
    ("lock", "locked"),
    [
        (None, False),
        ({}, True),
        ({"until": None}, True),
        ({"until": "rubbish"}, True),
        ({"until": 5001}, True),
        ({"until": 5000}, False),
        # In the boot that it was set in, only the seconds that have passed count.
        ({"until": 1, "for": 11, "moment": JUST}, True),
        ({"until": 9999, "for": 10, "moment": JUST}, False),
        ({"until": 9999, "for": 10, "moment": BEFORE}, True),
        ({"until": 1, "for": 99, "moment": BEFORE}, False),
        ({"until": 9999, "for": 10, "moment": {"boot": "b1", "mono": "rubbish"}}, True),
    ],
)
def test_protocol__a_lock_locks_until_its_time_is_up(
    lock: dict[str, Any] | None, locked: bool
) -> None:
    assert protocol.is_locked(lock, NOW) is locked


@pytest.mark.parametrize(
    ("lease", "journal", "process", "why"),
    [
        ({}, [], SSHD, None),
        ({"moment": BEFORE}, [], SSHD, "the host was started anew"),
        ({"moment": None}, [], SSHD, "the host was started anew"),
        ({}, [], None, "its connection is gone"),
        ({}, [], SSHD._replace(start=71), "its connection is gone"),
        ({}, [], SSHD._replace(state="Z"), "its connection is gone"),
        ({"holder": None}, [], None, None),
        ({"ttl": 10}, [], SSHD, "its time is up"),
        ({"ttl": "rubbish"}, [], SSHD, "its time is up"),
        ({"ttl": 10}, [OURS, {"moment": JUST}], SSHD, None),
        ({"ttl": 10}, [OURS, {"moment": BEFORE}], SSHD, "its time is up"),
        ({"ttl": 10}, [{**OURS, "ttl": 10}, {"moment": JUST}], SSHD, "its time is up"),
        # A deploy that isn't the lease's keeps nobody's lease.
        ({"ttl": 10}, [{**OURS, "id": "d2"}, {"moment": JUST}], SSHD, "its time is up"),
        ({"ttl": 10}, [{}], SSHD, "its time is up"),
    ],
)
def test_protocol__a_lease_is_held_while_its_holder_lives_and_is_heard_of(
    lease: dict[str, Any], journal: list[dict[str, Any]], process: Stat | None, why: str | None
) -> None:
    assert protocol.gone({**LEASE, **lease}, journal, process, NOW) == why


@pytest.mark.parametrize(
    ("renewal", "left"),
    [
        (None, 40),
        ({}, 40),
        ({"id": "d1", "moment": {"boot": "b1", "mono": 995.0}}, 45),
        ({"id": "d1", "moment": {"boot": "b1", "mono": 985.0}}, 40),
        ({"id": "d1", "moment": {"boot": "b0", "mono": 995.0}}, 40),
        ({"id": "d0", "moment": {"boot": "b1", "mono": 995.0}}, 40),
    ],
)
def test_protocol__the_time_of_a_deploy_counts_from_its_last_line_or_renewal(
    renewal: Any, left: float
) -> None:
    assert protocol.remaining([OURS, {"moment": JUST}], NOW, renewal) == left
    assert protocol.remaining([OURS, {"moment": BEFORE}], NOW, renewal) == 0
    long_ago = [{**OURS, "ttl": 10}, {"moment": JUST}]
    held = protocol.gone({**LEASE, "ttl": 10}, long_ago, SSHD, NOW, renewal) is None
    assert held is (left == 45)


def test_protocol__a_process_may_be_called_anything() -> None:
    words = " ".join(["S", "41", *map(str, range(5, 22)), "77", "0"])
    assert protocol.stat(f"9 (a) (b c) {words}\n") == Stat("a) (b c", "S", 41, 77)


def test_protocol__a_cause_ends_with_what_people_are_not_served_for() -> None:
    assert protocol.cause({}) == ""
    assert protocol.cause({"reason": "x failed", "unserved": None}) == "x failed"
    found = protocol.cause({"reason": "x failed", "unserved": "nginx.service is failed"})
    assert found == "x failed; then not served: nginx.service is failed"
