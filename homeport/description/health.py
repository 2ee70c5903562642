"""Health: what each process is asked, and what asks all the time whether it lives and serves."""

from __future__ import annotations

from collections.abc import Iterator

from homeport.description import hardening
from homeport.description.paths import HostPaths
from homeport.description.rendering import render
from homeport.files.entries import File
from homeport.hostctl import protocol
from homeport.manifest import App, Health, Process
from homeport.manifest.model.health import INTERVAL
from homeport.operations.services.resources import Service
from homeport.operations.units.resources import Unit

PROGRAM = "check-health"


def health(app: App, place: HostPaths) -> Iterator[object]:
    """Yield the questions to an application's processes, and the units that put them."""
    checks = {name: process.health for name, process in app.processes.items() if process.health}
    processes = {name: _question(app, place, name, health) for name, health in checks.items()}
    text = render("server/health.yml.j2", app=app.name, processes=processes)
    yield File(place.health, text.encode())
    for name in app.watched:
        yield from _watcher(app, place, name)


def ready(app: App, place: HostPaths, name: str) -> tuple[str, ...]:
    """Return the command that succeeds once a process is ready; none if it can't be asked."""
    health = app.processes[name].health
    if health is None or health.ready is None:
        return ()
    return (place.program(PROGRAM), "ready", name)


def _question(app: App, place: HostPaths, name: str, health: Health) -> dict[str, object]:
    listen, slotted = app.processes[name].listen, app.processes[name].slotted
    by_socket = listen == "socket"
    folder = "{slot}" if slotted else protocol.LONE_SLOT
    socket = f"{place.proxied(name)}/{folder}/{protocol.SOCKET_NAME}"
    return {
        "unit": f"{app.unit(name)}{'@{slot}' if slotted else ''}.service",
        "url": "http://localhost" if by_socket else f"http://127.0.0.1:{listen}",
        "headers": _headers(app, name, health),
        "socket": socket if by_socket else None,
        **dict(health),
    }


USUAL_PORTS = {"http": 80, "https": 443}


def _headers(app: App, name: str, health: Health) -> dict[str, str]:
    """Return what the proxy would say of a request, where there is one, or what app.yml says."""
    proxy = app.proxy if app.proxy and app.proxy.process == name else None
    host = health.host or (proxy and proxy.host)
    scheme = health.scheme or (proxy and proxy.scheme)
    found = {}
    if proxy:
        port = "" if USUAL_PORTS[proxy.scheme] == proxy.opens else f":{proxy.opens}"
        host = f"{host or 'localhost'}{port}"
        found = {
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Host": host,
            "X-Forwarded-Port": str(proxy.opens),
            "X-Real-IP": "127.0.0.1",
        }
    named = {"Host": host, "X-Forwarded-Proto": scheme}
    return {**{header: value for header, value in named.items() if value}, **found}


def _units(app: App, name: str) -> list[str]:
    unit = app.unit(name)
    slots = [f"{unit}@{slot}.service" for slot in protocol.SLOTS]
    return slots if app.processes[name].slotted else [f"{unit}.service"]


STARTS = 60
"""Seconds that a host may take to start the programs of a watch."""


def _limit(app: App, process: Process) -> int:
    """Return the seconds after which a watch is ended that has come to no result."""
    live = process.health.timeout if process.health and process.live_checked else 0
    patience = app.proxy.response_timeout if app.proxy else 0
    return STARTS + live + (process.health.timeout if process.health else patience)


def _watcher(app: App, place: HostPaths, name: str) -> Iterator[object]:
    unit, process = app.watcher(name), app.processes[name]
    service = render(
        "server/health.service.j2",
        app=app.name,
        name=name,
        units=_units(app, name),
        check=place.program(PROGRAM) if process.live_checked else None,
        limit=_limit(app, process),
        served=app.reached(name),
        hardening=hardening.WATCHER,
    )
    interval = process.health.interval if process.health else INTERVAL
    timer = render("server/health.timer.j2", app=app.name, name=name, interval=interval)
    yield Unit(f"{unit}.service", service)
    yield Unit(f"{unit}.timer", timer)
    yield Service(f"{unit}.timer")
