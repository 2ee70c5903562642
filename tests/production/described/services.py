"""Units and services: what systemd has loaded, and what really runs."""

from __future__ import annotations

from shlex import quote

from homeport.resource import Description
from operations.running import Service
from operations.units import FOLDER, Unit

RESTARTS = 3
"""Restarts by systemd itself that are borne; a service that keeps on failing has more."""
PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,FragmentPath,DropInPaths,"
    "MainPID,NRestarts,Result,WatchdogTimestampMonotonic,NextElapseUSecRealtime"
)


def question(description: Description) -> str:
    """Return the shell that prints systemd's properties, and where each main process is at home."""
    units = " ".join(quote(unit.name) for unit in description.of(Unit))
    if not units:
        return ":"
    return f"""\
shown=$(systemctl show -p {PROPERTIES} -- {units})
read -r uptime _ </proc/uptime
printf '%s\\n\\nId=now\\nuptime=%s\\ntime=%s\\n' "$shown" "$uptime" "$(date +%s)"
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
    found = properties(answer)[unit.name]
    path = f"{FOLDER}/{unit.name}"
    if found["LoadState"] != "loaded":
        return [f"systemd has it as {found['LoadState']}"]
    wrong = []
    if found["FragmentPath"] != path:
        wrong.append(f"systemd reads it from {found['FragmentPath']}, not {path}")
    if found["NeedDaemonReload"] != "no":
        wrong.append("its file changed since systemd read it")
    own = [word for word in found["DropInPaths"].split() if f"/{unit.name}.d/" in word]
    return [*wrong, *(f"{word} changes it, and is not described" for word in own)]


def faults(service: Service, answer: str) -> list[str]:
    """Return why a service is not running what is described, now and after the next boot."""
    found = properties(answer)[service.unit]
    wrong = []
    if found["UnitFileState"] != "enabled":
        wrong.append(f"it is {found['UnitFileState'] or 'unknown'}, not enabled")
    if found["ActiveState"] != "active":
        state = "{ActiveState} ({SubState}, {Result})".format_map({"Result": "", **found})
        return [*wrong, f"it is {state}, not active"]
    if int(found.get("NRestarts", 0)) > RESTARTS:
        wrong.append(f"systemd had to restart it {found['NRestarts']} times")
    if service.current is not None and found["cwd"] != service.current.release:
        wrong.append(f"it runs in {found['cwd'] or 'no directory'}, not {service.current.release}")
    return wrong
