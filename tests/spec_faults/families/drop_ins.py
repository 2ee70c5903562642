"""Drop-ins: what changes a unit besides its file."""

from __future__ import annotations

import re

from tests.spec_faults.survey import ASIDE

RELOAD = "systemctl daemon-reload"
FALSE = r"[Service]\nExecStart=\nExecStart=/bin/false\n"


def drop_in(unit: str, text: str, folder: str = "/run/systemd/system") -> tuple[str, str]:
    """Return the shell that changes a unit besides its file, and the shell that takes it back."""
    place = f"{folder}/{unit}.d"
    apply = f"mkdir -p {place}; printf '{text}' >{place}/other.conf; {RELOAD}"
    return apply, f"rm {place}/other.conf; rmdir {place}; {RELOAD}"


def masked(unit: str) -> tuple[str, str]:
    """Return the shell that masks a unit of /etc, and the shell that takes it back."""
    path, aside = f"/etc/systemd/system/{unit}", f"{ASIDE}/masked"
    apply = f"mv {path} {aside}; ln -s /dev/null {path}; {RELOAD}"
    return apply, f"rm {path}; mv {aside} {path}; {RELOAD}"


def template(unit: str) -> str:
    """Return how a spec calls the unit of a slot."""
    return re.sub("@.[.]", "@.", unit)
