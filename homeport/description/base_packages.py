"""What every host of ours has, whatever runs on it."""

from __future__ import annotations

from homeport.artifacts import Target
from homeport.manifest import App
from homeport.operations.packages import Package
from homeport.operations.platform.kind import HostPlatform

TOOLS = ("ca-certificates", "curl", "python3-yaml")


def base(app: App, target: Target) -> tuple[object, ...]:
    """Return the machine that is expected, and the Debian packages that it needs."""
    names = dict.fromkeys((f"python{app.python}", *TOOLS, *app.apt_packages))
    return (
        HostPlatform(target.architecture, target.debian),
        *(Package(name) for name in names),
    )
