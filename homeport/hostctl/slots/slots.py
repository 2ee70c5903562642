"""Slots: two places from which the application can run, side by side, each a frozen copy.

What serves is named by a pointer, which survives everything, and reached by links in the runtime
directory, which a reboot empties. A switch is one rename of such a link.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..protocol import ACTIVE_SLOT, APP_SPEC, BACKUP_SLOT, SLOT_A, STAGE
from ..system import atomic_files
from ..system.paths import AppPaths
from ..system.systemd import Systemd
from .app_spec import AppSpec


def slot_spec(place: AppPaths, slot: str | None) -> AppSpec:
    """Return what a slot was made to run: nothing, if it was never made."""
    return AppSpec.read_or_empty(place.slots / slot / "etc" / APP_SPEC) if slot else AppSpec()


def generation(place: AppPaths, slot: str) -> str:
    """Return what a slot is a copy of, nothing if that isn't known."""
    return (atomic_files.read(place.slots / slot / "generation") or b"").decode().strip()


def prepare(place: AppPaths, systemd: Systemd, slot: str, name: str) -> None:
    """Make an idle slot a copy of all that is wanted now, under the name of that generation.

    It is waited for if it is still stopping. Nothing of it runs when this returns.
    """
    wanted = AppSpec.read(place.processes)
    clear(place, systemd, slot, wanted.units(slot))
    stage = place.slots / ".new"
    shutil.rmtree(stage, ignore_errors=True)
    atomic_files.folder(place.slots, 0o755)
    atomic_files.retry_when_full(lambda: _build(place, stage, wanted, name))
    atomic_files.replace(stage, place.slots / slot)
    atomic_files.sync_folder(place.slots)
    for process in wanted.slots.values():
        text = (place.slots / slot / "etc/units" / process.template).read_bytes()
        atomic_files.write(place.units / process.at(slot), text, 0o644)
    systemd.reload()


def clear(place: AppPaths, systemd: Systemd, slot: str, units: Iterable[str] = ()) -> None:
    """Stop all that runs in a slot, and leave nothing of it; ``units`` may be there as well."""
    # Its own list goes last: until then it is known what is to be removed.
    known = list(dict.fromkeys([*slot_spec(place, slot).units(slot), *units]))
    systemd.stop(known)
    systemd.forget(known)
    for unit in known:
        atomic_files.remove(place.units / unit)
    for names in place.proxied.glob(f"*/{slot}"):
        shutil.rmtree(names, ignore_errors=True)
    away = place.slots / ".old"
    shutil.rmtree(away, ignore_errors=True)
    if (place.slots / slot).exists():
        atomic_files.move(place.slots / slot, away)
        shutil.rmtree(away, ignore_errors=True)


def switch(place: AppPaths, runs: AppSpec, slot: str, backup: str) -> None:
    """Switch to this slot: it serves, and the other one (or the same) stand by for it."""
    atomic_files.folder(place.sockets, 0o755)
    for process in runs.slots.values():
        # What stands by comes last: until then it is what served, and still does.
        if process.proxied:
            proxied = place.at(process.proxied)
            atomic_files.folder(proxied, 0o755)
            atomic_files.link(proxied / ACTIVE_SLOT, slot)
            atomic_files.link(proxied / BACKUP_SLOT, backup)
        atomic_files.link(place.at(process.link), process.listens(slot))


def unlink(place: AppPaths, runs: AppSpec) -> None:
    """Remove the names of sockets of processes that don't serve any more.

    One that runs outside slots makes its own at its start.
    """
    lone = AppSpec.read_or_empty(place.processes).singles.values()
    linked = [*runs.slots.values(), *(process for process in lone if process.link)]
    known = {place.at(path) for p in linked for path in (p.link, p.proxied)}
    for path in place.sockets.iterdir() if place.sockets.is_dir() else ():
        if path not in known:
            atomic_files.remove(path)
    for path in place.proxied.iterdir() if place.proxied.is_dir() else ():
        if path not in known:
            shutil.rmtree(path)


def unlock(place: AppPaths, runs: AppSpec, slot: str) -> None:
    """Allow all that may enter a slot's directory to connect to what listens there."""
    for process in runs.slots.values():
        path = place.at(process.listens(slot))
        with suppress(FileNotFoundError):
            # The application may put a link to anything in its place: that is never followed.
            opened = os.open(path, os.O_PATH | os.O_NOFOLLOW)
            try:
                if stat.S_ISSOCK(os.fstat(opened).st_mode):
                    Path(f"/proc/self/fd/{opened}").chmod(0o666)
            finally:
                os.close(opened)


def _build(place: AppPaths, stage: Path, spec: AppSpec, name: str) -> None:
    shutil.rmtree(stage, ignore_errors=True)
    # Secrets lie in it: it stays closed until all of them have their owners and modes.
    stage.mkdir(mode=0o700)
    release = os.path.relpath(place.at(spec.release), place.slots / SLOT_A)
    (stage / "release").symlink_to(release)
    (stage / "generation").write_text(f"{name}\n")
    _copy(place.etc, stage / "etc")
    stage.chmod(0o755)
    for folder, _, files in os.walk(stage):
        for path in (Path(folder, file) for file in files):
            if not path.is_symlink():
                _sync(path)
        atomic_files.sync_folder(Path(folder))


def _copy(source: Path, to: Path) -> None:
    found = source.lstat()
    if source.is_symlink():
        to.symlink_to(source.readlink())
    elif source.is_dir():
        to.mkdir(mode=0o700)
        for entry in sorted(source.iterdir()):
            if not entry.name.startswith(STAGE):
                _copy(entry, to / entry.name)
    else:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(source.read_bytes())
    os.chown(to, found.st_uid, found.st_gid, follow_symlinks=False)
    if not source.is_symlink():
        to.chmod(found.st_mode & 0o7777)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        atomic_files.fsync(opened)
    finally:
        os.close(opened)
