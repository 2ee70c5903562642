"""All phases of a deploy, in their order, for a host that is a folder.

Files and configuration files are written by the real phases, and services are switched by the real
program. Each other phase is a stand-in of its name: it makes what a phase of that place makes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from homeport.deployment import lifecycle
from homeport.engine.kind import NOTHING, AnyKind, Change, Commands, DesiredState, Kind, ProbeOutput
from homeport.engine.kind import PendingTargets as Pending
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import File
from homeport.hostctl import protocol
from homeport.operations import PHASES, hostctl
from homeport.operations.config_files import ConfigFile
from homeport.operations.hostctl import deploy_state
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.services.apply import apply as switch
from homeport.operations.services.probe import ServicesState
from homeport.operations.services.resources import Service, ServiceChange
from tests.support.changes import change
from tests.support.phase_calls import phase_calls
from tests.support.racing_host import APP, ROOT, Host, Version

CALL = re.compile(r"^(\w+)\.(converge|begin|confirm)\(name=\"(.*)\"\)$", re.M)
REAL = ("platform", "executables", "files", "config-files", "git-hooks")
"""Phases that run as they are; three of them change nothing on a server."""
GUARDED = ("units", "proxy")
"""Phases that write what a revert puts back."""


class Wanted(NamedTuple):
    """The version that is described, for phases that are stand-ins."""

    host: Host
    version: Version


class Phase(NamedTuple):
    """One operation of deploy.py: its name, and its kind if it is a phase."""

    name: str
    operation: Callable[..., object]
    kind: AnyKind | None = None


def described(host: Host, version: Version) -> DesiredState:
    """Return a description of that version."""
    etc = f"{protocol.CONFIG}/{APP}"
    secrets = f'# header\nTOKEN="{version.secret}"\n'.encode()
    return DesiredState(
        APP,
        (
            HostProgram(APP),
            Wanted(host, version),
            File(f"{etc}/processes.json", processes(host.root, version.code)),
            File(f"{etc}/units/shop-web@.service", f"web of {version.code}".encode()),
            File(f"{etc}/secrets", secrets, "400", secret=True),
            ConfigFile(File(f"{etc}/environment", version.setting.encode())),
        ),
    )


def processes(root: Path, code: str) -> bytes:
    """Return the description of a web process that runs in slots."""
    web = {"unit": "shop-web@", "ready": True, "deadline": 5, "successes": 1}
    web |= {"socket": f"{root}/run/shop-web-{{slot}}/web.sock"}
    web |= {"link": f"{root}/run/homeport-sockets/shop/web.sock"}
    spec = {
        "app": APP,
        "release": f"{root}/srv/shop/releases/{code}",
        "current": f"{root}/srv/shop/current",
        "check": f"{root}/srv/shop/bin/check-health",
        "slots": {"web": web},
        "singles": {},
        "timers": [],
        **{"version": 1, "soak": 3, "drain_timeout": 10, "keep_releases": 5, "data_version": 1},
    }
    return json.dumps(spec).encode()


def phases(program_kind: AnyKind) -> list[Phase]:
    """Return the operations of deploy.py, in its order, with that kind of the host's program."""
    text = (ROOT / "deploy.py").read_text()
    modules: dict[str, Any] = {call.printed: call.module for call in phase_calls(text)}
    found = []
    for module, does, name in CALL.findall(text):
        if module == "lifecycle":
            found.append(Phase(name, getattr(lifecycle, does)))
            continue
        kind = modules[name].KIND
        if kind.name in REAL:
            found.append(Phase(name, modules[name].converge, kind))
        else:
            mine = program_kind if kind.name == program_kind.name else stand_in(kind.name)
            found.append(Phase(name, operation_for(mine), mine))
    assert [phase.kind.name for phase in found if phase.kind] == [kind.name for kind in PHASES]
    return found


def stand_in(name: str) -> AnyKind:
    """Return a kind of that name."""
    if name in GUARDED:
        return _guarded(name)
    return _services() if name == "services" else _added(name)


def program() -> AnyKind:
    """Return the host's program: it is there if a file is."""

    def parse(answer: Any) -> HostProgramState:
        lines = answer.text.splitlines()
        found = deploy_state.parse([line for line in lines if line != "shipped"])
        return HostProgramState("shipped" in lines, "shipped" in lines, found)

    def diff(
        description: DesiredState, actual: HostProgramState, pending: Pending = NOTHING
    ) -> list[Change[None]]:
        new = change("add", "homeportctl", "new", None, kind="hostctl")
        return [] if actual.is_shipped else [new]

    def apply(*of: object) -> Commands:
        yield "touch shipped"

    def probe(*of: object) -> str:
        return f"if [ -f shipped ]; then echo shipped; fi\n{deploy_state.probe(APP)}"

    return Kind(hostctl.KIND.name, probe, parse, diff, apply, check_plan=hostctl.KIND.check_plan)


def _added(name: str) -> AnyKind:
    """Return what is added and stays, such as packages: a folder for each version of the code."""

    def path(wanted: Wanted) -> str:
        folders = {"releases": "srv/shop/releases/{}", "venvs": "srv/shop/venvs/venv-{}"}
        where = folders.get(name, f"added/{name}-{{}}").format(wanted.version.code)
        return f"{wanted.host.root}/{where}"

    def probe(description: DesiredState, key: str) -> str:
        paths = " ".join(path(wanted) for wanted in description.of(Wanted))
        return f"for path in {paths}; do if [ -d $path ]; then echo $path; fi; done\n"

    def diff(description: DesiredState, actual: str, pending: Pending = NOTHING) -> list[Any]:
        missing = [each for each in description.of(Wanted) if path(each) not in actual.split()]
        return [change("add", path(each), "missing", each, kind=name) for each in missing]

    def apply(description: DesiredState, actual: object, changes: Any) -> Commands:
        for each in changes:
            made, code = path(each.payload), each.payload.version.code
            venv = f"; ln -s ../../venvs/venv-{code} {made}.new/venv" if name == "releases" else ""
            yield f"mkdir -p {made}.new{venv}; mv -T {made}.new {made}"

    return Kind(name, probe, lambda answer: answer.text, diff, apply)


def _guarded(name: str) -> AnyKind:
    """Return a managed set of one file, which says what code it is for."""

    def entries(description: DesiredState) -> list[File]:
        return [
            File(f"{wanted.host.root}/{name}", wanted.version.code.encode())
            for wanted in description.of(Wanted)
        ]

    def probe(description: DesiredState, key: str) -> str:
        return managed_set.probe(APP, name, entries(description), key, description.snapshot_context)

    def diff(description: DesiredState, actual: Any, pending: Pending = NOTHING) -> list[Any]:
        return managed_set.diff(
            APP, name, entries(description), actual, description.snapshot_context
        )

    def apply(description: DesiredState, actual: object, changes: Any) -> Commands:
        yield from managed_set.apply(
            APP, name, changes, snapshot_context=description.snapshot_context
        )

    return Kind(name, probe, managed_set.parse, diff, apply)


def _services() -> AnyKind:
    """Return the switch, by the real command: what answers is to have read what is described."""

    def probe(description: DesiredState, key: str) -> str:
        # The table of systemd is here; the host's shell says when it is to be asked.
        return "echo ask\n"

    def parse(answer: ProbeOutput) -> str:
        return answer.text

    def diff(description: DesiredState, actual: str, pending: Pending = NOTHING) -> list[Any]:
        found = []
        for wanted in description.of(Wanted):
            work = ServiceChange(Service("shop-web@.service", slotted=True), ("stale",), ())  # type: ignore[arg-type]  # a reason is shown, and no more
            if wanted.host.served() != wanted.version:
                found.append(change("change", "shop-web@", "stale", work, kind="services"))
        return found

    def apply(description: DesiredState, actual: object, changes: Any) -> Commands:
        yield from switch(description, ServicesState({}, {}, frozenset(), "", ""), changes)

    return Kind("services", probe, parse, diff, apply)
