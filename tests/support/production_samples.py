"""What tests of several modules share: production samples."""

from __future__ import annotations

UNIT = {"Id": "a.service", "LoadState": "loaded", "ActiveState": "active", "SubState": "running"}
UNIT |= {"UnitFileState": "enabled", "NeedDaemonReload": "no", "MainPID": "7", "NRestarts": "0"}
UNIT |= {"FragmentPath": "/etc/systemd/system/a.service", "DropInPaths": "", "Result": "success"}


def shown(**changes: str) -> str:
    """Return what systemctl and stat print of a service."""
    lines = [f"{name}={value}" for name, value in {**UNIT, **changes}.items()]
    return "\n".join([*lines, "", "Id=now", "uptime=9.5", "'/proc/7/cwd' -> '/srv/a/releases/1'"])
