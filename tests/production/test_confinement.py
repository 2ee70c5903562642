"""The service user reads no data of others and writes none of its code; secrets stay put.

Each spec is also shown something that it must find: one that finds nothing at all is blind.
"""

from __future__ import annotations

import pytest

from homeport.description.paths import HostPaths
from homeport.files.entries import File
from homeport.hostctl.protocol import SLOTS
from homeport.operations.config_files import ConfigFile
from homeport.operations.releases import Release
from homeport.operations.users.resources import ServiceUser
from tests.production.confinement import SHORTEST, data_faults, levels, may_hold
from tests.production.subject import Subject
from tests.production.verdict import insist, no_faults

EXPOSED = 2.0
AT = ("", *(f"@{slot}" for slot in SLOTS))


def test_reads_only_its_own(subject: Subject, account: ServiceUser) -> None:
    own = {HostPaths(subject.app.name).environment[0]}
    own |= {release.path for release in subject.description.of(Release)}
    own |= {config.path for config in subject.description.of(ConfigFile)}
    read = _paths("reads", subject)
    insist(subject, read >= own, f"the service user can't read its own {_list(own - read)}")
    insist(subject, read == own, f"the service user can read {_list(read - own)}")


def test_writes_none_of_its_code(subject: Subject, account: ServiceUser) -> None:
    own = {HostPaths(subject.app.name).state}
    written = _paths("writes", subject)
    # systemd makes the directory of an application that only has schedules when the first is due.
    seen = written >= own or not subject.app.processes
    insist(subject, seen, f"the service user can't write its own {_list(own)}")
    insist(subject, written <= own, f"the service user can write {_list(written - own)}")


def test_data_is_its_own(subject: Subject, account: ServiceUser) -> None:
    no_faults(subject, data_faults(account, subject.answer("data")))


def test_secrets_are_in_their_files_only(subject: Subject) -> None:
    answer = subject.answer("leaks")
    if answer == "none":
        pytest.skip(f"no secret of {SHORTEST} characters or more is described")
    found = {line.removeprefix("found ") for line in answer.splitlines()}
    files = {file.path for file in subject.description.of(File) if file.secret}
    insist(subject, found >= files, f"no value was found even in {_list(files - found)}")
    entries = [config.entry for config in subject.description.of(ConfigFile)]
    files |= {entry.path for entry in entries if isinstance(entry, File) and entry.secret}
    found = {path for path in found if not may_hold(subject.description, path)}
    insist(subject, found <= files, f"a secret's value is also in {_list(found - files)}")


def test_service_is_shut_in(subject: Subject, unit: str) -> None:
    parts = {**subject.app.processes, **subject.app.schedules, **subject.app.run_once}
    part = parts.get(unit.removeprefix(f"{subject.app.name}-"))
    if part and part.disable_hardening:
        pytest.skip(f"app.yml relaxes {', '.join(part.disable_hardening)}")
    found = levels(subject.answer("exposure"))
    rated = [found[f"{unit}{slot}.service"] for slot in AT if f"{unit}{slot}.service" in found]
    level = max(rated, default=10.0)
    insist(subject, level <= EXPOSED, f"systemd rates {unit} {level}; at most {EXPOSED} is borne")


def _paths(what: str, subject: Subject) -> set[str]:
    lines = (line.split(" ", 1) for line in subject.answer("reach").splitlines())
    return {path for verb, path in lines if verb == what}


def _list(paths: set[str]) -> str:
    first = ", ".join(sorted(paths)[:10])
    return first if len(paths) <= 10 else f"{first} and {len(paths) - 10} more"
