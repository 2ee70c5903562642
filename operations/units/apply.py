"""The change of unit files: checked before they are in place, read by systemd after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    Change,
    Commands,
    DesiredState,
    of_payload,
    payloads,
)
from homeport.files import managed_set
from homeport.files.entries import Absent, File, PathEntry, stage
from homeport.hostctl.protocol import RECORDS
from homeport.operations.units.drop_ins import Override
from homeport.operations.units.probe import UnitsState
from homeport.operations.units.resources import FOLDER, NAME, Unit, UnitPayload


def apply(
    description: DesiredState, actual: UnitsState, changes: Sequence[Change[UnitPayload]]
) -> Commands:
    """Yield the one command that checks, replaces and removes unit files, and has them read."""
    undescribed = payloads(changes, Override)
    aside = [each.put_back for each in undescribed]
    besides = [path for each in undescribed for path in each.touched]
    written = of_payload(changes, PathEntry)
    if not written:
        keep = description.snapshot_context.keep(description.app, besides)
        lines = ["set -e", keep, *aside, "systemctl daemon-reload"]
        yield StringCommand("\n".join(line for line in lines if line))
        return
    paths = {unit.place for unit in description.of(Unit)}
    coming = [file.path for file in payloads(changes, File) if file.path in paths]
    gone = (PurePosixPath(entry.path) for entry in payloads(changes, Absent))
    leaving = [path.name for path in gone if path.parent == PurePosixPath(FOLDER)]
    yield from managed_set.apply(
        description.app,
        NAME,
        written,
        before="\n".join([*aside, *([_stop(leaving)] if leaving else [])]),
        check=_verify(coming) if coming else "",
        after="systemctl daemon-reload",
        snapshot_context=description.snapshot_context,
        besides=besides,
    )


def _stop(names: Sequence[str]) -> str:
    words = " ".join(quote(name) for name in names)
    records = " ".join(quote(f"{RECORDS}/{name}") for name in names)
    # A unit that failed is known to systemd as such when its file is gone, until it forgets that.
    forget = f"systemctl reset-failed {words} 2>/dev/null || true"
    return f"systemctl disable --now --quiet {words}\n{forget}\nrm -f {records}"


def _verify(paths: Sequence[str]) -> str:
    # systemd-analyze exits 0 on a misspelt key and complains of units that aren't ours:
    # what it says of these names is what counts.
    # Of a template it tries an instance, by a name of its own choosing.
    names = [PurePosixPath(path).name for path in paths]
    staged = " ".join(quote(f"{stage(path)}/{PurePosixPath(path).name}") for path in paths)
    ours = " ".join(f"-e {quote(name.replace('@.service', '@'))}" for name in names)
    return f"""\
if systemd-analyze verify --man=no --recursive-errors=no {staged} 2>&1 | grep -F {ours} >&2; then
  exit 1
fi"""
