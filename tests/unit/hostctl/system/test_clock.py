"""What hostctl.system.clock promises."""

from __future__ import annotations

from pathlib import Path

from homeport.hostctl.system.clock import Clock


def test_clock_is_the_one_that_the_kernel_shows() -> None:
    clock = Clock()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    moment = clock.moment()
    assert uptime - 0.02 <= moment["mono"]
    assert moment["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert clock.since({**moment, "mono": moment["mono"] - 5}) > 4.99  # type: ignore[operator]  # None fails as well
    for other in (None, {}, {**moment, "boot": "another"}, {**moment, "mono": None}):
        assert clock.since(other) is None
