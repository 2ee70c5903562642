"""Units and services: what systemd has loaded, and what really runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.services.resources import Service
from homeport.operations.units.resources import FOLDER, Unit
from homeport.operations.units.slot_units import SlotUnit
from tests.production import slots

RESTARTS = 3
"""Restarts by systemd itself that are borne; a service that keeps on failing has more."""
AS_WRITTEN = ("644", "root:root")
PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,FragmentPath,DropInPaths,"
    "MainPID,NRestarts,Result,WatchdogTimestampMonotonic,NextElapseUSecRealtime"
)


def question(description: DesiredState) -> str:
    """Return the shell that prints systemd's properties, and where each main process is at home."""
    units = " ".join(quote(name) for unit in description.of(Unit) for name in unit.unit_names)
    if not units:
        return ":"
    return f"""\
shown=$(systemctl show -p {PROPERTIES} -- {units})
read -r uptime _ </proc/uptime
printf '%s\\n\\nId=now\\nuptime=%s\\ntime=%s\\n' "$shown" "$uptime" "$(date +%s)"
{slots.question(description)}
for line in $shown; do
  case "$line" in MainPID=0) ;; MainPID=*) set -- "$@" "/proc/${{line#*=}}/cwd" ;; esac
done
if [ $# -gt 0 ]; then stat -c %N -- "$@" || :; fi
"""


def properties(answer: str) -> dict[str, dict[str, str]]:
    """Return the properties of each unit, ``cwd`` among them, by its name.

    What is called ``now`` holds the host's own ``time``, and its ``uptime``.
    """
    homes, units = {}, {}
    for block in answer.split("\n\n"):
        lines = block.splitlines()
        found = dict(line.split("=", 1) for line in lines if not line.startswith("'"))
        units[found.get("Id", "")] = found
        pairs = (line.split("' -> '") for line in lines if line.startswith("'/proc/"))
        homes.update({left.split("/")[2]: right.removesuffix("'") for left, right in pairs})
    for unit in units.values():
        unit["cwd"] = homes.get(unit.get("MainPID", ""), "")
    return units


def unit_faults(unit: Unit, answer: str) -> list[str]:
    """Return in what systemd's idea of a unit differs from its file."""
    return _faults(unit.name, properties(answer)[unit.name])


def slot_unit_faults(unit: SlotUnit, answer: str) -> list[str]:
    """Return in what systemd's idea of the unit of the slot that serves differs from the text."""
    found = properties(answer)
    name = slots.serving(unit.name, found["now"])
    if name is None:
        return ["no slot serves: the link to its socket leads nowhere"]
    digest = hashlib.sha256(unit.text.encode()).hexdigest()
    wrong = _faults(name, found[name])
    if found["now"].get(f"text {FOLDER}/{name}", "").split() != [digest, "-", *AS_WRITTEN]:
        wrong.append(f"{FOLDER}/{name} is not what is described")
    return wrong


def _faults(name: str, found: Mapping[str, str]) -> list[str]:
    path = f"{FOLDER}/{name}"
    if found["LoadState"] != "loaded":
        return [f"systemd has it as {found['LoadState']}"]
    wrong = []
    if found["FragmentPath"] != path:
        wrong.append(f"systemd reads it from {found['FragmentPath']}, not {path}")
    if found["NeedDaemonReload"] != "no":
        wrong.append("its file changed since systemd read it")
    # Those of a distribution, in /usr/lib, are for all units of a kind.
    own = [word for word in found["DropInPaths"].split() if not word.startswith("/usr/lib/")]
    return [*wrong, *(f"{word} changes it, and is not described" for word in own)]


def faults(service: Service, answer: str) -> list[str]:
    """Return why a service is not running what is described, now and after the next boot."""
    units = properties(answer)
    name, starts = service.unit, "enabled"
    if service.slotted:
        # The host starts the slot that serves at boot, by what it keeps, and systemd none.
        name, starts = slots.serving(service.unit, units["now"]) or "", "static"
        if not name:
            return ["no slot serves: the link to its socket leads nowhere"]
    found = units[name]
    wrong = slots.faults(service, units["now"]) if service.slotted else []
    if found["UnitFileState"] != starts:
        wrong.append(f"it is {found['UnitFileState'] or 'unknown'}, not {starts}")
    if found["ActiveState"] != "active":
        state = "{ActiveState} ({SubState}, {Result})".format_map({"Result": "", **found})
        return [*wrong, f"it is {state}, not active"]
    if int(found.get("NRestarts", 0)) > RESTARTS:
        wrong.append(f"systemd had to restart it {found['NRestarts']} times")
    if service.current is not None and found["cwd"] != service.current.release:
        wrong.append(f"it runs in {found['cwd'] or 'no directory'}, not {service.current.release}")
    return wrong
