"""What tests of several modules share: deploy states."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from homeport.hostctl.protocol import Now, Stat
from homeport.operations.hostctl.deploy_state import DeployState

Facts = dict[str, Any]
BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
NOW = DeployState(Now(BOOT, 1000.0, int(time.time())))
LEASE = {
    "id": "20260101T000000Z-00000000",
    "app": "shop",
    "who": "ann@laptop",
    "what": "deploy",
    "since": "2026-01-01T00:00:00Z",
    "holder": {"pid": 7, "start": 70},
    "moment": {"boot": BOOT, "mono": 900.0},
    "ttl": 900,
}
OPEN = ({"state": "armed", "id": "x", "who": "ann@laptop", "what": "deploy"}, {"state": "writing"})


def process(start: int, state: str = "S") -> Stat:
    return Stat("sshd", state, 1, start)


def situation(**facts: Any) -> DeployState:
    return DeployState(NOW.now, **facts)
