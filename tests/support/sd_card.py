"""What tests of several modules share: sd card."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.files import edit
from homeport.operations.bootstrap import root_mount
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.zram import Zram

CARD = ("mmcblk0p2", "mmcblk0")
FSTAB = "PARTUUID=1-01 /boot vfat defaults 0 2\nPARTUUID=1-02 / ext4 defaults 0 1\n"
DESCRIPTION = DesiredState("_host", (NoatimeRoot(), Zram()))


def mounted(devices: tuple[str, ...] = CARD, has: str = "rw,relatime", fstab: str | None = FSTAB):
    found = edit.EditableFile(fstab) if fstab is not None else None
    return root_mount.RootMountState(devices, frozenset(has.split(",")), found)


def targets(changes: list) -> list[str]:
    return [change.target.name for change in changes]
