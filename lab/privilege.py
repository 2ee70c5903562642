"""Being root where that is needed, and giving files back to the person who asked."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from homeport.errors import UserError
from lab.paths import CHECKOUT, cache_directory


def is_root() -> bool:
    """Return whether hosts can be made by this very process."""
    return os.geteuid() == 0


def owner() -> tuple[int, int]:
    """Return user and group id of the person behind a sudo, our own without one."""
    user, group = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    return (int(user), int(group)) if is_root() and user and group else (os.getuid(), os.getgid())


def command(arguments: Sequence[str]) -> list[str]:
    """Return the command line that runs `python -m lab` as root, for this person's lab.

    Raises UserError where there is no sudo.
    """
    if not shutil.which("sudo"):
        raise UserError("the lab needs root, and there is no sudo", fix="run this as root")
    # Made by the person, so that even the directories above it are theirs.
    cache_directory().mkdir(parents=True, exist_ok=True)
    # sudo would look for the lab in root's own home.
    variables = [f"XDG_CACHE_HOME={cache_directory().parent}", f"PYTHONPATH={CHECKOUT}"]
    if "HOMEPORT_LAB" in os.environ:
        variables.append(f"HOMEPORT_LAB={os.environ['HOMEPORT_LAB']}")
    return ["sudo", "env", *variables, sys.executable, "-m", "lab", *arguments]


def give_back(directory: Path) -> None:
    """Change the owner of a directory, and those above it in the cache, to the user behind sudo."""
    top = cache_directory()
    for path in (top, *top.glob("*"), directory, *directory.glob("*.json")):
        if path.exists():
            os.chown(path, *owner())
