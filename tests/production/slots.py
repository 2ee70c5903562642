"""Slots: which one serves is asked as the web server finds it, by the link that it follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shlex import quote

from homeport.description.paths import HostPaths
from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.hostctl.protocol import ACTIVE_SLOT, SLOTS, SOCKET_NAME
from homeport.operations.config_files import ConfigFile
from homeport.operations.services.resources import Service
from homeport.operations.units.slot_units import SlotUnit
from tests.production.subject import Subject
from tests.production.verdict import insist

WHO = {"web server": "www-data", "nobody": "nobody"}


def process_of(app: str, template: str) -> str:
    """Return the process of this template."""
    return template.removeprefix(f"{app}-").removesuffix("@.service")


def active_of(app: str, process: str) -> str:
    """Return the link that the web server follows to the slot in which a process serves."""
    return f"{HostPaths(app).proxied(process)}/{ACTIVE_SLOT}"


def question(description: DesiredState) -> str:
    """Return the shell that tells where each link leads, who gets there, and what is started."""
    lines = []
    for unit in description.of(SlotUnit):
        process = process_of(description.app, unit.name)
        active, link = active_of(description.app, process), HostPaths(description.app).link(process)
        lines.append(f"echo serves {unit.name}=$(readlink {quote(active)} || :)")
        lines.append(f"echo leads {unit.name}=$(readlink {quote(link)} || :)")
        for who, user in WHO.items():
            # Its main group goes with it, and no other.
            become = f"setpriv --reuid={user} --regid=$(id -g {user}) --clear-groups"
            for socket in map(quote, (f"{active}/{SOCKET_NAME}", *([link] * (user == "nobody")))):
                lines.append(f"if {become} test -w {socket}; then echo '{who} {unit.name}=yes'; fi")
        for path in unit.slot_copies:
            lines.append(
                f"echo text {path}=$(sha256sum <{quote(path)} 2>/dev/null && "
                f"stat -c '%a %U:%G' -- {quote(path)} || :)"
            )
    for service in description.of(Service):
        if service.slotted:
            lines += _frozen(description, service)
    if lines:
        active = f"/var/lib/homeport/{description.app}/active"
        lines.append(f"echo boots=$(sed -n 's/^slot //p' {active})")
    return "\n".join(lines)


def _frozen(description: DesiredState, service: Service) -> Iterator[str]:
    """Yield the shell that tells where a slot differs from what it should have been made with."""
    place, process = HostPaths(description.app), process_of(description.app, service.unit)
    slot = f"$(readlink {quote(active_of(description.app, process))} || :)"
    yield f"slot={quote(place.slots)}/{slot}"
    yield f'echo "release {service.unit}=$(readlink -f "$slot/release" || :)"'
    files = [config.entry for config in description.of(ConfigFile)]
    named = {e.path: e for e in (*description.of(File), *files) if isinstance(e, File)}
    for read in service.reads:
        if read.path.startswith(f"{place.config}/") and (file := named.get(read.path)):
            copy = f'"$slot"/etc/{quote(read.path.removeprefix(f"{place.config}/"))}'
            rights = f"{file.mode} {file.owner}:{file.group}"
            # Secrets are compared where they lie: a digest of one goes nowhere.
            same = f"cmp -s {copy} {quote(read.path)}"
            if not read.secret:
                same = f'[ "$(sha256sum <{copy})" = "{read.sha256}  -" ]'
            there = f'[ "$(stat -c \'%a %U:%G\' -- {copy})" = "{rights}" ]'
            differs = quote(f"differs {service.unit} {read.path}=yes")
            yield f"{{ {there} && {same}; }} 2>/dev/null || echo {differs}"


def serving(template: str, facts: Mapping[str, str]) -> str | None:
    """Return the unit of the slot that serves, None if none does."""
    slot = facts.get(f"serves {template}", "").strip()
    return template.replace("@.", f"@{slot}.") if slot in SLOTS else None


def faults(service: Service, facts: Mapping[str, str]) -> list[str]:
    """Return who can't reach the socket and should, or the other way round, and what is next."""
    wrong, template = [], service.unit
    if f"web server {template}" not in facts:
        wrong.append("the web server can't reach its socket")
    if f"nobody {template}" in facts:
        wrong.append("every user can reach its socket")
    serves, boots = serving(template, facts), template.replace("@.", f"@{facts.get('boots')}.")
    if f"-{facts.get(f'serves {template}')}/" not in facts.get(f"leads {template}", ""):
        wrong.append(f"the link to its socket is to {facts.get(f'leads {template}')}")
    if serves != boots:
        wrong.append(f"{serves} serves, and the next boot would start {boots}")
    release = service.current.release if service.current else ""
    if release and facts.get(f"release {template}") != release:
        wrong.append(f"its slot has the release {facts.get(f'release {template}') or 'none'}")
    differs = [key.split(" ")[-1] for key in facts if key.startswith(f"differs {template} ")]
    return wrong + [f"its slot has another copy of {path}" for path in differs]


def unit(subject: Subject, process: str) -> str:
    """Return the unit in which a process serves now; a slot is asked for."""
    if not subject.app.processes[process].slotted:
        return f"{subject.app.unit(process)}.service"
    template = f"{subject.app.unit(process)}@.service"
    slot = subject.remote.run("readlink %s", active_of(subject.app.name, process)).stdout
    found = serving(template, {f"serves {template}": slot})
    insist(subject, found, f"no slot of {process} serves")
    return found or ""
