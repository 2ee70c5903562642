"""The host itself: looked at with everything else, and refused if it isn't what was described.

Nothing here is ever changed. A wrong architecture or release is found before the first change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Never
from weakref import WeakKeyDictionary

from pyinfra.api.state import State

from homeport.engine.kind import (
    NOTHING,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
)
from homeport.engine.phase import operation_for
from homeport.engine.run import current_host
from homeport.operations.packages.kind import provided
from homeport.operations.platform import disk
from homeport.operations.platform.probe import parse, probe
from homeport.operations.platform.resources import HostPlatform, LocalPlatform

OLDEST_SYSTEMD = 252


def diff(
    description: DesiredState, actual: dict[str, list[str]], pending: PendingTargets = NOTHING
) -> list[Change[Never]]:
    """Return no change; raises ``PreconditionError`` with every finding at once if the host doesn't
    fit."""
    findings = [
        text for machine in description.of(HostPlatform) for text in _findings(machine, actual)
    ]
    findings += [text for here in description.of(LocalPlatform) for text in _lacks(here, actual)]
    if findings:
        raise PreconditionError("; ".join(findings))
    return []


def _findings(machine: HostPlatform, actual: dict[str, list[str]]) -> Iterator[str]:
    architecture = " ".join(actual["architecture"])
    if not architecture:
        yield "it is not a Debian: it has no dpkg; install Debian 12 or 13 there"
    elif architecture == "armhf":
        yield "its userland is 32-bit (armhf), which isn't supported; install a 64-bit one"
    elif architecture != machine.architecture:
        yield (
            f"it is {architecture}, but group_data says {machine.architecture}; "
            f'set architecture = "{architecture}"'
        )
    name, *version = actual["debian"] or ["an unknown system"]
    if [name, *version] != ["debian", machine.debian]:
        fix = f'; set debian = "{version[0]}"' if name == "debian" and version else ""
        runs = " ".join([name, *version])
        yield f"it runs {runs}, but group_data says Debian {machine.debian}{fix}"
    systemd = " ".join(actual["systemd"])
    if not systemd or int(systemd) < OLDEST_SYSTEMD:
        yield (
            f"its systemd is {systemd or 'none'}, and {OLDEST_SYSTEMD} is the oldest supported; "
            "upgrade it to Debian 12 or 13"
        )
    if actual["user"] != ["0"]:
        yield "need root; set _sudo = True in group_data, or log in as root"
    else:
        yield from disk.blockers(actual)


def _lacks(here: LocalPlatform, actual: dict[str, list[str]]) -> Iterator[str]:
    if not here.interpreter:
        yield f"there is no Python {here.python}; install it: `uv python install {here.python}`"
    if here.git == "":
        yield "there is no git, and app.yml describes hooks; install it: `apt-get install git`"
    if here.packages and "dpkg" not in actual:
        yield (
            f"it is not a Debian, so homeport can't check for {', '.join(here.packages)}; "
            'see to that, and set app = {"apt_packages": []} in group_data/laptop.py'
        )
        return
    missing = [name for name in here.packages if f"installed:{name}" not in actual["dpkg"]]
    for name in missing:
        if providers := actual.get(f"virtual:{name}"):
            yield provided(name, providers)
    if lacking := [name for name in missing if f"virtual:{name}" not in actual]:
        yield f"it lacks Debian packages: `sudo apt-get install {' '.join(lacking)}`"


_names: WeakKeyDictionary[State, dict[tuple[str, ...], str]] = WeakKeyDictionary()


def prepare(changes: Sequence[Change[Never]], actual: dict[str, list[str]]) -> None:
    """Raise ``PreconditionError`` if this machine has been looked at under another name in this
    run.

    A copied SD card has the same machine id, and still is a machine of its own: it booted alone.
    """
    machine, host = tuple(actual.get("machine", ())), current_host()
    if len(machine) == 2:
        name = _names.setdefault(host.state, {}).setdefault(machine, host.name)
        if name != host.name:
            raise PreconditionError(f"it is the same machine as {name}; keep one of the two names")


KIND = Kind("platform", probe, parse, diff, prepare=prepare)


converge = operation_for(KIND)
"""Refuse the host if it isn't what was described; change nothing."""
