"""What the units of an application have in common, whatever they run."""

from __future__ import annotations

from homeport.description.config_files import state_directories
from homeport.description.paths import HostPaths
from homeport.hostctl.protocol import BOOT_UNIT
from homeport.manifest import App


def surroundings(app: App, place: HostPaths, name: str) -> dict[str, object]:
    """Return what the template of units knows of any of them; each says more, or otherwise."""
    return {
        "app": app.name,
        "name": name,
        "after": ("network.target", BOOT_UNIT),
        "folder": place.current,
        "run": place.program("run"),
        "environment_files": place.environment,
        "variables": (),
        "state_directories": state_directories(app),
        "configuration": place.files if app.config else None,
        "frozen": None,
        "runtime": app.unit(name),
        "runtime_mode": "0750",
        "watchdog": None,
        "started": (),
        "once": None,
        "restarts": False,
        "enabled": False,
        "digest": None,
    }
