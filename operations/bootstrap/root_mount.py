"""The root file system on an SD card: not written to for every file that is read (noatime)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeError,
    ProbeOutput,
    Reason,
    Target,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.files import edit
from homeport.files.entries import PathEntry

NAME = "root-mount"
FSTAB = "/etc/fstab"
OTHER = {"atime", "relatime", "norelatime", "strictatime", "nostrictatime"}


@dataclass(frozen=True)
class NoatimeRoot:
    """A root file system that keeps no times of reading.

    ``card`` says whether it is on an SD card; None leaves that to the host.
    """

    card: bool | None = None

    @property
    def path(self) -> str:
        """The mount point."""
        return "/"


@dataclass(frozen=True)
class RootMountState:
    """The devices under the root file system, how it is mounted, and the fstab if there is one."""

    devices: tuple[str, ...]
    options: frozenset[str]
    fstab: edit.EditableFile | None


DEVICES = """\
source=$(findmnt -n -o SOURCE /)
printf 'devices\\t%s\\n' "$(lsblk -n -s -l -o NAME -- "$source" 2>/dev/null | tr '\\n' ' ' || :)"
"""
"""Shell: print the block devices under the root file system; none where it isn't on any."""


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints devices, mount options and fstab."""
    if not description.of(NoatimeRoot):
        return ":\n"
    options = "printf 'options\\t%s\\n' \"$(findmnt -n -o OPTIONS /)\"\n"
    return f"{DEVICES}{options}{edit.probe(FSTAB)}"


def parse(answer: ProbeOutput) -> RootMountState:
    """Return what was found; raises ``ProbeError`` when it is not understood."""
    values = dict(line.partition("\t")[::2] for line in answer.lines)
    if answer.text and not {"devices", "options"} <= values.keys():
        raise ProbeError("the host does not say how its root file system is mounted")
    fstab = edit.parse(f"file\t{values['file']}")[1] if "file" in values else None
    options = frozenset(values.get("options", "").split(","))
    return RootMountState(tuple(values.get("devices", "").split()), options, fstab)


def on_card(devices: Sequence[str]) -> bool:
    """Return whether one of these block devices is an SD card, or flash of its kind."""
    return any(device.startswith("mmcblk") for device in devices)


class Why(Reason):
    """The reasons why the root file system is to be mounted anew."""

    NOT_NOATIME = "mounted anew with noatime"


def diff(
    description: DesiredState, actual: RootMountState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry | NoatimeRoot]]:
    """Return the change of fstab and that of the mount, for a root file system on an SD card.

    A root file system that fstab does not name is mounted by what the boot loader says: that is
    left as it is.
    """
    changes: list[Change[PathEntry | NoatimeRoot]] = []
    for root in description.of(NoatimeRoot):
        card = on_card(actual.devices) if root.card is None else root.card
        if not card or actual.fstab is None or not _entry(actual.fstab.text):
            continue
        text = with_noatime(actual.fstab.text)
        # Not worse than it is: a disk that is away today is a complaint about both.
        verify = "findmnt --verify --tab-file"
        worse = f"! {verify} {{}} >&2 && {verify} {FSTAB} >/dev/null 2>&1"
        check = f"if {worse}; then exit 1; fi"
        changes += edit.changes(NAME, FSTAB, actual.fstab, text, check)
        if "noatime" not in actual.options:
            changes.append(Change("change", Target(NAME, "/"), (Why.NOT_NOATIME(),), root))
    return changes


def _entry(fstab: str) -> re.Match[str] | None:
    return re.search(r"^[ \t]*[^#\s]\S*[ \t]+/[ \t]+\S+[ \t]+(\S+)", fstab, re.MULTILINE)


def with_noatime(fstab: str) -> str:
    """Return the text with noatime among the options of the root file system, and no other."""
    if not (entry := _entry(fstab)):
        return fstab
    options = [option for option in entry[1].split(",") if option not in OTHER]
    if "noatime" not in options:
        options.append("noatime")
    return fstab[: entry.start(1)] + ",".join(options) + fstab[entry.end(1) :]


def apply(
    description: DesiredState,
    actual: RootMountState,
    changes: Sequence[Change[PathEntry | NoatimeRoot]],
) -> Commands:
    """Yield the one command that checks and replaces fstab, and mounts anew."""
    again = payloads(changes, NoatimeRoot)
    yield edit.command(changes, after="mount -o remount,noatime /" if again else "")


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Spare an SD card the times of reading."""
