"""The settings of a host's units that must go when its programs run through qemu-user."""

from __future__ import annotations

import re
from pathlib import Path

ID = "emulated-1"

# qemu-user answers these requests with an error, and then the unit doesn't start at all.
_CREDENTIAL = re.compile(r"^(?:Load|Set|Import)Credential(?:Encrypted)?=", re.MULTILINE)
_NAMESPACE = re.compile(r"^(Private(?:Users|Network|IPC))=(?:yes|true|1)$", re.MULTILINE)
_NO_CREDENTIAL = "LoadCredential=\nSetCredential=\nImportCredential=\n"
_MASKED = ("systemd-firstboot.service", "systemd-networkd.service", "systemd-networkd.socket")


def drop_in(unit: str) -> str:
    """Return the drop-in that lets a unit start under emulation, nothing if it does so already."""
    wanted = _NO_CREDENTIAL if _CREDENTIAL.search(unit) else ""
    wanted += "".join(f"{key}=no\n" for key in sorted(set(_NAMESPACE.findall(unit))))
    return f"[Service]\n{wanted}" if wanted else ""


def adapt(root: Path) -> None:
    """Write those drop-ins for every unit that a root brings along, and mask what can't work."""
    system = root / "etc/systemd/system"
    for unit in (root / "usr/lib/systemd/system").glob("*.service"):
        if unit.is_symlink():
            continue
        text = drop_in(unit.read_text(errors="replace"))
        if text:
            directory = system / f"{unit.name}.d"
            directory.mkdir(exist_ok=True)
            (directory / "lab.conf").write_text(text)
    for name in _MASKED:
        (system / name).unlink(missing_ok=True)
        (system / name).symlink_to("/dev/null")
