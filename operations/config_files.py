"""Configuration files of the application: checked by it, on the host, before they are in place.

They come after releases, because the check of a file runs with the release that is about to start,
and before units, because services start with them. A file that is as described is checked again
when another release is about to start: what the old one understood the new one may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from pyinfra.api.command import StringCommand

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
    of_payload,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.engine.sandbox import Sandbox, escaped
from homeport.files import managed_set
from homeport.files.entries import Directory, Entry, File, PathEntry, stage
from homeport.files.managed_set import ManagedSetState

NAME = "config-files"
FILE = "\0"
"""In the words of a check, what stands for the file; a word that a user wrote can't hold it."""
SECONDS = 120
"""How long a check may take."""


@dataclass(frozen=True)
class CheckRunner:
    """The runner of checks: as the service would, and with the release that is about to start.

    + release: the release that is about to start
    + current: the link to the one that runs
    """

    release: str
    current: str
    sandbox: Sandbox


@dataclass(frozen=True)
class ConfigFile:
    """A configuration file, or a folder of some; ``check`` holds ``FILE`` where the file goes."""

    entry: File | Directory
    check: tuple[str, ...] = ()
    checker: CheckRunner | None = None

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.entry.path


@dataclass(frozen=True)
class ConfigFilesState:
    """The files that the host has, and the release that is current there, if one is."""

    files: ManagedSetState
    current: str | None = None


def _entries(description: DesiredState) -> list[Entry]:
    return [config.entry for config in description.of(ConfigFile)]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at the files, and at where ``current`` leads."""
    links = {config.checker.current for config in description.of(ConfigFile) if config.checker}
    script = managed_set.probe(
        description.app, NAME, _entries(description), key, description.snapshot_context
    )
    tell = "".join(f"printf 'current\\t%s\\n' \"$(readlink {quote(link)})\"\n" for link in links)
    return f"{script}\n{tell}"


def parse(answer: ProbeOutput) -> ConfigFilesState:
    """Return what was found, or raise ``ProbeError``."""
    lines = answer.lines
    current = next((line[8:] for line in lines if line.startswith("current\t")), None)
    files = "\n".join(line for line in lines if not line.startswith("current\t"))
    return ConfigFilesState(managed_set.parse(ProbeOutput(files, answer.key)), current or None)


class Why(Reason):
    """The reasons why a file that is as described is checked again."""

    NEW_RELEASE = "checked with the new release"


def diff(
    description: DesiredState, actual: ConfigFilesState, pending: PendingTargets = NOTHING
) -> list[Change[PathEntry | ConfigFile]]:
    """Return what differs, what has left, and what is to be checked with another release."""
    changes = managed_set.diff(
        description.app,
        NAME,
        _entries(description),
        actual.files,
        description.snapshot_context,
        made=description.of(Directory),
    )
    written = {change.target.name for change in changes}
    again = [
        Change("change", Target(NAME, config.path), (Why.NEW_RELEASE(),), config)
        for config in description.of(ConfigFile)
        if config.checker
        and config.path not in written
        and actual.current != config.checker.release
    ]
    return [*changes, *again]


def apply(
    description: DesiredState,
    actual: ConfigFilesState,
    changes: Sequence[Change[PathEntry | ConfigFile]],
) -> Commands:
    """Yield the one command that stages the files, has all checks run, and puts them in place."""
    placed = of_payload(changes, PathEntry)
    again = {config.path for config in payloads(changes, ConfigFile)}
    written = {file.path for file in payloads(changes, File)}
    lines = []
    for config in description.of(ConfigFile):
        name = config.path.rpartition("/")[2]
        if config.path in written:
            lines += _open(config.entry, stage(config.path))
        if config.checker and config.path in written:
            lines.append(_check(config, config.checker, f"{stage(config.path)}/{name}"))
        elif config.checker and config.path in again:
            lines.append(_check(config, config.checker, config.path))
    if placed:
        yield from managed_set.apply(
            description.app,
            NAME,
            placed,
            before="\n".join(lines),
            snapshot_context=description.snapshot_context,
        )
    else:
        yield StringCommand("\n".join(["set -eu", *lines]))


def _open(entry: Entry, place: str) -> list[str]:
    # Closed to all but root from the start; now to all but the one who checks.
    owner = entry.group if isinstance(entry, File) else "root"
    return [f"chgrp {quote(owner)} {quote(place)}", f"chmod 710 {quote(place)}"]


def _check(config: ConfigFile, checker: CheckRunner, place: str) -> str:
    words = [word.replace(FILE, place) for word in config.check]
    return judging(checker, config.path, words)


def judging(checker: CheckRunner, judged: str, words: Sequence[str]) -> str:
    """Return the line of shell that runs a check; it fails with what the check said of ``judged``.

    It reads nothing that is sent to the script which it is a line of.
    """
    failure = f"{judged} is not accepted by its check"
    return checker.sandbox.command(quote(checker.release), escaped(words), failure, SECONDS)


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Make configuration files as described, if their checks accept them."""
