"""The clocks of a host, of which one can be trusted.

A Pi has no clock of its own: its wall time may jump by years when the network comes up. So what
is waited for, and what expires, is measured by the time since boot, together with the boot's id.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from .. import protocol
from ..protocol import Now

if TYPE_CHECKING:
    from ..shapes import Moment

BOOT = Path("/proc/sys/kernel/random/boot_id")


class Clock:
    """The host's clocks. Tests have one of their own, with the same methods."""

    def boot(self) -> str:
        """Return the id of this boot."""
        return BOOT.read_text().strip()

    def mono(self) -> float:
        """Return the seconds since boot, those asleep included, as ``/proc/uptime`` has them."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wall(self) -> float:
        """Return the seconds since 1970, as far as the host knows."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def now(self) -> Now:
        """Return what all of them say."""
        return Now(self.boot(), self.mono(), self.wall())

    def moment(self) -> Moment:
        """Return this moment, as it is written down."""
        return {"boot": self.boot(), "mono": round(self.mono(), 3)}

    def since(self, moment: object) -> float | None:
        """Return the seconds since a moment; None if it is of another boot, or no moment at all."""
        return protocol.since(moment, self.now())

    def iso(self) -> str:
        """Return the wall time for people: UTC, to the second."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.wall()))
