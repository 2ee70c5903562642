"""Slots: which one serves is asked as the web server finds it, by the link that it follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from shlex import quote

from homeport.description.paths import HostPaths
from homeport.engine.kind import DesiredState
from homeport.operations.units.slot_units import SlotUnit
from tests.production.subject import Subject
from tests.production.verdict import insist

SLOT = re.compile(r"-([ab])/[^/]+\.sock")
WHO = {"web server": "www-data", "nobody": "nobody"}


def link_of(app: str, template: str) -> str:
    """Return the link to the socket on which the process of this template serves."""
    return HostPaths(app).link(template.removeprefix(f"{app}-").removesuffix("@.service"))


def question(description: DesiredState) -> str:
    """Return the shell that tells where each link leads, who gets there, and what is started."""
    lines = []
    for unit in description.of(SlotUnit):
        link = quote(link_of(description.app, unit.name))
        lines.append(f"echo serves {unit.name}=$(readlink -f {link} || :)")
        for who, user in WHO.items():
            # Its main group goes with it, and no other.
            become = f"setpriv --reuid={user} --regid=$(id -g {user}) --clear-groups"
            lines.append(f"if {become} test -w {link}; then echo '{who} {unit.name}=yes'; fi")
        for path in unit.slot_copies:
            lines.append(f"echo text {path}=$(sha256sum <{quote(path)} 2>/dev/null || :)")
    if lines:
        active = f"/var/lib/homeport/{description.app}/active"
        lines.append(f"echo boots=$(sed -n 's/^slot //p' {active})")
    return "\n".join(lines)


def serving(template: str, facts: Mapping[str, str]) -> str | None:
    """Return the unit of the slot that serves, None if none does."""
    found = SLOT.search(facts.get(f"serves {template}", ""))
    return template.replace("@.", f"@{found[1]}.") if found else None


def faults(template: str, facts: Mapping[str, str]) -> list[str]:
    """Return who can't reach the socket and should, or the other way round, and what is next."""
    wrong = []
    if f"web server {template}" not in facts:
        wrong.append("the web server can't reach its socket")
    if f"nobody {template}" in facts:
        wrong.append("every user can reach its socket")
    serves, boots = serving(template, facts), template.replace("@.", f"@{facts.get('boots')}.")
    if serves != boots:
        wrong.append(f"{serves} serves, and the next boot would start {boots}")
    return wrong


def unit(subject: Subject, process: str) -> str:
    """Return the unit in which a process serves now; a slot is asked for."""
    if not subject.app.processes[process].slotted:
        return f"{subject.app.unit(process)}.service"
    template = f"{subject.app.unit(process)}@.service"
    leads = subject.remote.run("readlink -f %s", link_of(subject.app.name, template)).stdout
    found = serving(template, {f"serves {template}": leads})
    insist(subject, found, f"no slot of {process} serves")
    return found or ""
