"""What tests of several modules share: host facts."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.platform.resources import HostPlatform

PI = DesiredState("shop", (HostPlatform("arm64", "12"),))
GOOD = {
    "architecture": ["arm64"],
    "debian": ["debian", "12"],
    "systemd": ["252"],
    "user": ["0"],
}
