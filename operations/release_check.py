"""The application's own check of a release: on its host, in its place, before it is switched to.

It runs as the services do: as their user, in their sandbox, with the environment and configuration
that are about to be theirs. What was accepted is kept, as one digest of all that the check could
see, so that a verdict holds for as long as nothing of that changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import NamedTuple

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Action,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
    Reason,
    Target,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.engine.secret_digest import SHELL, fingerprint
from homeport.files.install import StdinPayload, decode
from homeport.hostctl.protocol import BESIDE
from homeport.operations import releases
from homeport.operations.config_files import CheckRunner, judging

NAME = "release-check"


@dataclass(frozen=True)
class ReleaseCheck:
    """A command that judges a release.

    + path: the file that keeps what was accepted
    + digest: of all that the verdict is about: nothing that a probe may show, secrets are in it
    """

    path: str
    command: tuple[str, ...]
    checker: CheckRunner
    digest: str


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints what was accepted, fingerprinted."""
    paths = " ".join(quote(check.path) for check in description.of(ReleaseCheck))
    if not paths:
        return ":"
    return f"""\
key={key}
{SHELL}
for path in {paths}; do
  if [ -f "$path" ]; then printf '%s %s\\n' "$(fingerprint "$(cat "$path")")" "$path"; fi
done
"""


class ReleaseCheckState(NamedTuple):
    """The release that was accepted, by the file that keeps it, and the key of its fingerprints."""

    accepted: dict[str, str]
    key: str


def parse(answer: ProbeOutput) -> ReleaseCheckState:
    """Return what was found."""
    lines = (line.split(" ", 1) for line in answer.lines)
    return ReleaseCheckState({path: digest for digest, path in lines}, answer.key)


class Why(Reason):
    """The reasons why a release is to be checked."""

    NOT_ACCEPTED = "{} is checked by {}"


def diff(
    description: DesiredState, actual: ReleaseCheckState, pending: PendingTargets = NOTHING
) -> list[Change[ReleaseCheck]]:
    """Return one change for each check that has not accepted what is described."""
    changes: list[Change[ReleaseCheck]] = []
    for check in description.of(ReleaseCheck):
        release = check.checker.release
        accepted = actual.accepted.get(check.path) == fingerprint(actual.key, check.digest)
        if not accepted or Target(releases.NAME, release) in pending:
            action: Action = "change" if check.path in actual.accepted else "add"
            because = Why.NOT_ACCEPTED(release.rpartition("/")[2], check.command[0])
            changes.append(Change(action, Target(NAME, check.path), (because,), check))
    return changes


def apply(
    description: DesiredState, actual: ReleaseCheckState, changes: Sequence[Change[ReleaseCheck]]
) -> Commands:
    """Yield one command for each check: it runs it, and keeps what it has accepted."""
    for check in payloads(changes, ReleaseCheck):
        beside = quote(f"{check.path}{BESIDE}")
        script = f"""\
set -eu
umask 077
digest=$({decode("cat", "base64 -d")})
{judging(check.checker, check.checker.release, check.command)}
mkdir -p {quote(check.path.rpartition("/")[0])}
printf '%s\\n' "$digest" >{beside}
mv -f {beside} {quote(check.path)}"""
        yield StringCommand(script, _stdin=StdinPayload(check.digest.encode()))


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Have the application check the release that is about to start."""
