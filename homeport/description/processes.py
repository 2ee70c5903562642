"""The processes that run all the time on a server: each in two slots, or alone.

A process in a slot runs from a copy of its configuration, frozen when the slot was made ready. So
its unit lies with the configuration, as a template, and is copied to systemd with the slot.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from homeport.description import hardening
from homeport.description.health import PROGRAM, ready
from homeport.description.paths import HostPaths
from homeport.description.rendering import INSTANCE, render
from homeport.description.sandbox import state_directories
from homeport.engine.secret_digest import sha256
from homeport.files.entries import Directory, File
from homeport.hostctl import protocol
from homeport.manifest import App, Process, render_command
from homeport.operations.services.resources import CurrentLink, Service, ServiceInput
from homeport.operations.units.resources import Unit
from homeport.operations.units.slot_units import SlotUnit

if TYPE_CHECKING:
    from homeport.hostctl.shapes import AppDocument, ProcessDocument

CLEAN = "/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin INVOCATION_ID=${INVOCATION_ID}"
"""What has a program that runs as root start without the application's variables."""
BELIEVES = "FORWARDED_ALLOW_IPS=*"
"""Has uvicorn and gunicorn take the client's address and scheme from the proxy: a peer on a socket
has no address to go by, and the proxy alone reaches this one. The application's variables win."""
DEADLINE = 90
"""Seconds that a process may take to get ready; systemd's own limit for a start, too."""


def surroundings(app: App, place: HostPaths, name: str) -> dict[str, object]:
    """Return what the template of units knows of any of them; each says more, or otherwise."""
    return {
        "app": app.name,
        "name": name,
        "after": ("network.target", protocol.BOOT_UNIT),
        "folder": place.current,
        "run": place.program("run"),
        "clean": CLEAN,
        "environment_files": place.environment,
        "variables": (),
        "state_directories": state_directories(app),
        "configuration": place.files if app.config_files else None,
        "frozen": None,
        "runtime": app.unit(name),
        "runtime_mode": "0750",
        "watchdog": None,
        "started": (),
        "once": None,
        "restarts": False,
        "backs_off": False,
        "enabled": False,
        "digest": None,
    }


def processes(
    app: App,
    place: HostPaths,
    current: CurrentLink,
    reads: Sequence[ServiceInput],
    *,
    backs_off: bool = False,
) -> Iterator[object]:
    """Yield the units and services of all processes, and what a switch of releases goes by.

    + backs_off: whether the host's systemd can restart more and more slowly, as from 254 on
    """
    # Also without a slot: what is in them is removed later than they would be.
    yield from (Directory(place.slots), Directory(place.units))
    for name, process in app.processes.items():
        yield from _process(app, place, name, process, current, reads, backs_off)
    yield File(place.processes, _switched(app, place, current).encode())


def _process(
    app: App,
    place: HostPaths,
    name: str,
    process: Process,
    current: CurrentLink,
    reads: Sequence[ServiceInput],
    backs_off: bool,
) -> Iterator[object]:
    unit: Unit = Unit(f"{app.unit(name)}.service", "")
    values = _alone(app, place, name, process)
    if process.slotted:
        unit = SlotUnit(f"{app.unit(name)}@.service", "", place.units, place.slots)
        values = _in_slot(app, place, name)
    if process.listen == "socket" and app.proxy is not None and app.proxy.process == name:
        values["variables"] = (*values["variables"], BELIEVES)
    deadline = process.health.start_period if process.health else DEADLINE
    values |= {
        "type": "notify" if process.notify else "exec",
        "record_start": place.program("record-start"),
        "reads": [*current.followed, *(file.path for file in reads), unit.place],
        "restarts": True,
        "backs_off": backs_off,
        "watchdog": process.watchdog,
        "memory": process.memory,
        "tasks": process.tasks or 512,
        "stop_timeout": process.stop_timeout,
        # The start of what listens on a socket lasts until there is one.
        "start_timeout": max(deadline, DEADLINE) if process.listen == "socket" else None,
        "command": render_command(process, values["socket"], place.places),
        "hardening": hardening.lines(process.disable_hardening),
    }
    # The unit carries its own digest, so that what systemd loaded can tell which text it was.
    digest = sha256(render("server/service.j2", **{**values, "digest": ""}).encode())[:16]
    text = render("server/service.j2", **{**values, "digest": digest})
    yield replace(unit, text=text)
    yield Service(
        unit.name,
        digest,
        (*reads, ServiceInput(unit.place, sha256(text.encode()))),
        current,
        ready(app, place, name),
        deadline,
        process.slotted,
        process.memory,
    )


def _alone(app: App, place: HostPaths, name: str, process: Process) -> dict[str, Any]:
    values = {**surroundings(app, place, name), "enabled": True, "socket": place.socket(name)}
    if process.listen == "socket":
        lone = f"{place.proxied(name)}/{protocol.LONE_SLOT}"
        values |= _listening(place, place.socket(name), lone, place.link(name))
    return values


def _in_slot(app: App, place: HostPaths, name: str) -> dict[str, Any]:
    slot, socket = place.slot("%i"), place.private(name, "%i")
    names = [path.removeprefix(f"{place.config}/") for path in place.environment]
    return {
        **surroundings(app, place, name),
        **_listening(place, socket, f"{place.proxied(name)}/%i"),
        "name": f"{name}, slot %i",
        # The one that starts it at boot is what others wait for.
        "after": ("network.target",),
        "folder": f"{slot}/release",
        "environment_files": [f"{slot}/etc/{each}" for each in names],
        "variables": (f"HOMEPORT_RELEASE={slot}/release",),
        "frozen": (slot, place.config),
        "runtime": f"{app.unit(name)}-%i",
        "socket": place.private(name, INSTANCE),
    }


def _listening(place: HostPaths, socket: str, *names: str) -> dict[str, object]:
    # As the service user, who owns the socket: root would follow a link that it put in the place.
    awaits = f"{place.program('wait-for-socket')} {socket}"
    shows = f"+{CLEAN} {place.program('publish-socket')} {' '.join((socket, *names))}"
    return {"started": (awaits, shows)}


def _switched(app: App, place: HostPaths, current: CurrentLink) -> str:
    """Return the text that tells the host what to switch, and when each process is well."""
    slots: dict[str, ProcessDocument] = {}
    singles: dict[str, ProcessDocument] = {}
    for name, process in app.processes.items():
        health = process.health
        gate: ProcessDocument = {
            "ready": bool(ready(app, place, name)),
            "deadline": health.start_period if health else DEADLINE,
            "successes": health.success_threshold if health else 1,
        }
        if isinstance(process.listen, int):
            gate["port"] = process.listen
        elif process.listen:
            gate |= {"link": place.link(name), "proxied": place.proxied(name)}
        if app.proxy is not None and app.proxy.process == name:
            # Others spare themselves the import.
            from homeport.description.proxy import check

            gate["proxy"] = check(app, app.proxy, place)
        if process.slotted:
            socket = place.private(name, "{slot}")
            slots[name] = {**gate, "unit": f"{app.unit(name)}@", "socket": socket}
        else:
            singles[name] = {**gate, "unit": f"{app.unit(name)}.service"}
    watched = map(app.watcher, app.watched)
    switched: AppDocument = {
        "version": protocol.VERSION,
        "app": app.name,
        "release": current.release,
        "current": place.current,
        "check": place.program(PROGRAM),
        "slots": slots,
        "singles": singles,
        "timers": [f"{unit}.timer" for unit in (*map(app.unit, app.schedules), *watched)],
        "soak": app.release.soak,
        "drain_timeout": app.release.drain_timeout,
        "keep_releases": app.release.keep_releases,
        "data_version": app.release.data_version,
    }
    return f"{json.dumps(switched, indent=1, sort_keys=True)}\n"
