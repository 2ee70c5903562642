"""What spares an SD card: a root file system without times of reading, and swap in memory."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.zram import Zram


def question(description: DesiredState) -> str:
    """Return the shell that prints what is under /, how it is mounted, and where swap is."""
    return """\
echo "source $(findmnt -n -o SOURCE /)"
echo "options $(findmnt -n -o OPTIONS /)"
echo "fstab $(findmnt -n --fstab -o OPTIONS / || :)"
echo "container $(systemd-detect-virt --container || :)"
sed -n 's/^\\(\\/dev\\/[^ \\t]*\\).*/swap \\1/p' /proc/swaps
"""


def root_faults(root: NoatimeRoot, answer: str) -> list[str]:
    """Return where the root file system of a card is told to keep times of reading."""
    values = dict(line.partition(" ")[::2] for line in answer.splitlines())
    # Without an entry in fstab the boot loader decides.
    if not _is_card(root.card, values) or not values["fstab"]:
        return []
    places = {"it is mounted": values["options"], "fstab has it": values["fstab"]}
    return [f"{how} {has}" for how, has in places.items() if "noatime" not in has.split(",")]


def swap_faults(zram: Zram, answer: str) -> list[str]:
    """Return that there is no swap in memory, or one on the card."""
    values = dict(line.partition(" ")[::2] for line in answer.splitlines())
    if not _is_card(zram.card, values) or values["container"] != "none":
        return []
    swaps = [line.split(" ")[1] for line in answer.splitlines() if line.startswith("swap ")]
    return [] if any(swap.startswith("/dev/zram") for swap in swaps) else ["there is none"]


def _is_card(declared: bool | None, values: dict[str, str]) -> bool:
    return values["source"].startswith("/dev/mmcblk") if declared is None else declared
