"""The uv that makes the venvs on hosts: the binary from uv's own wheel."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path

from homeport.artifacts.cache import cache_root, keep, workspace
from homeport.artifacts.lock import Lock, Pinned, read_lock
from homeport.artifacts.python_platform import PythonPlatform
from homeport.artifacts.unpacking import open_wheel
from homeport.artifacts.wheels import wheels_for
from homeport.errors import UserError

_PROJECT_LOCK = Path(__file__).parents[2] / "requirements.lock"


@cache
def uv_version() -> str:
    """Return the version of uv that runs on the controller, and so on hosts."""
    return version("uv")


def uv_binary(architecture: str, cache: Path | None = None, lock_file: Path | None = None) -> Path:
    """Return the path of uv for a host of that architecture (amd64 or arm64), in the cache.

    Its mode is 0755, its version the controller's. Its wheel is verified against the hashes in
    `lock_file`, homeport's own `requirements.lock` if None; without such a file it is trusted.
    Raises ``UserError`` if it can't be fetched, or isn't what the lock pins.
    """
    home = cache_root(cache)
    wanted = uv_version()
    binary = home / "uv" / f"{wanted}-{architecture}" / "uv"
    if binary.is_file():
        return binary
    # uv's wheel needs no Python and an old glibc: any supported Debian stands for all.
    target = PythonPlatform(architecture, "3.11", "12")
    pin = _pin(wanted, target, lock_file or _PROJECT_LOCK)
    (wheel,) = wheels_for(Lock.of([pin], target), target, cache=home)
    with workspace(home) as room, open_wheel(wheel.path) as archive:
        unpacked = room / "uv"
        unpacked.write_bytes(archive.read(f"uv-{wanted}.data/scripts/uv"))
        unpacked.chmod(0o755)
        keep(unpacked, binary)
    return binary


def _pin(version: str, target: PythonPlatform, lock_file: Path) -> Pinned:
    if not lock_file.is_file():
        return Pinned("uv", version, ())
    for pin in read_lock(lock_file, target).requirements:
        if pin.name == "uv" and pin.version == version:
            return pin
    raise UserError(
        f"uv {version} is installed, but this file doesn't lock it",
        fix=f"install what is locked: `pip install --require-hashes -r {lock_file.name}`",
        file=lock_file,
    )
