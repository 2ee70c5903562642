"""The host's name: in its file, in the kernel, and in /etc/hosts so that it finds itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
    Reason,
    Target,
)
from homeport.engine.phase import operation_for
from homeport.files import edit
from homeport.files.edit import EditableFile
from homeport.files.entries import PathEntry

NAME = "hostname"
NAME_FILE, HOSTS_FILE, ITSELF = "/etc/hostname", "/etc/hosts", "127.0.1.1"


@dataclass(frozen=True)
class HostName:
    """The name of the host, without a domain."""

    name: str


@dataclass(frozen=True)
class HostnameState:
    """The host's name now, and the two files that have it."""

    running: str
    files: Mapping[str, EditableFile]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints the kernel's name for the host, and both files."""
    if not description.of(HostName):
        return ":\n"
    return f"hostname\n{edit.probe(NAME_FILE)}{edit.probe(HOSTS_FILE)}"


def parse(answer: ProbeOutput) -> HostnameState:
    """Return what was found; raises ``ValueError`` when it is not understood."""
    running, _, rest = answer.text.partition("\n")
    return HostnameState(running, dict(edit.parse(line) for line in rest.splitlines()))


class Why(Reason):
    """The reasons why the kernel is to be told the name."""

    OTHER_NAME = "host name; was {}"


def diff(
    description: DesiredState, actual: HostnameState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry | HostName]]:
    """Return the changes to both files, and to the name that the kernel has."""
    changes: list[Change[PathEntry | HostName]] = []
    for host in description.of(HostName):
        file = actual.files.get(NAME_FILE, EditableFile(""))
        hosts = actual.files.get(HOSTS_FILE, EditableFile("127.0.0.1\tlocalhost\n"))
        old = file.text.strip() or actual.running
        changes += edit.changes(NAME, HOSTS_FILE, hosts, with_name(hosts.text, host.name, old))
        if file.text.strip() != host.name:
            changes += edit.changes(NAME, NAME_FILE, file, f"{host.name}\n")
        if actual.running != host.name:
            changes.append(
                Change("change", Target(NAME, host.name), (Why.OTHER_NAME(actual.running),), host)
            )
    return changes


def with_name(hosts: str, name: str, old: str) -> str:
    """Return the text of /etc/hosts in which 127.0.1.1 has this name, in place of the old one."""
    lines = hosts.splitlines()
    for number, line in enumerate(lines):
        entry, mark, comment = line.partition("#")
        words = entry.split()
        if words[:1] != [ITSELF]:
            continue
        if name in words[1:]:
            return hosts
        names = [name, *(word for word in words[1:] if word != old)]
        lines[number] = "\t".join([ITSELF, " ".join(names)]) + (f" {mark}{comment}" if mark else "")
        break
    else:
        last = max((n for n, line in enumerate(lines) if line.startswith("127.0.0.1")), default=-1)
        lines.insert(last + 1, f"{ITSELF}\t{name}")
    return "".join(f"{line}\n" for line in lines)


def apply(
    description: DesiredState,
    actual: HostnameState,
    changes: Sequence[Change[PathEntry | HostName]],
) -> Commands:
    """Yield the one command that writes the files and gives the kernel the name."""
    (host,) = description.of(HostName)
    yield edit.command(changes, after=f"hostname {quote(host.name)}")


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Give the host its name."""
