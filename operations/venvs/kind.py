"""Virtual environments: built on the host by uv, offline, from wheels that the controller sends.

A venv is named by its lock, Python and architecture, built beside and renamed, so one that is
there is whole, and every release with the same lock shares it. What is sent is checked by hash
on arrival and kept, so a second venv gets only the wheels that the first did not have.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport import artifacts
from homeport.artifacts import Lock, PythonPlatform, Wheel, WheelContents
from homeport.engine.kind import (
    NOTHING,
    Because,
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
from homeport.engine.secret_digest import sha256
from homeport.files.install import UNPACK, Member, StdinPayload, archive
from homeport.hostctl.protocol import CACHE
from homeport.operations.venvs import installed
from homeport.operations.venvs.drift import Drift, drifts
from homeport.operations.venvs.installed import FUNCTIONS, Installed

NAME = "venvs"
SHOWN = 3
"""Findings that a reason names; its diff has all of them."""


@dataclass(frozen=True)
class Venv:
    """A virtual environment that holds exactly what one lock names, for one target.

    + contents: what the locked wheels bring, by package; every file is compared if they are given
    + store: where the host keeps wheels and uv, one for all of its venvs; ``CACHE`` if None
    + python: the interpreter to make it with, Debian's own if None
    """

    path: str
    lock: Lock
    target: PythonPlatform
    index: str | None = None
    contents: Mapping[str, WheelContents] | None = field(default=None, repr=False, compare=False)
    store: str | None = None
    python: str | None = None

    @property
    def cache(self) -> str:
        """The directory in which the host keeps wheels and uv."""
        return self.store or CACHE

    @property
    def interpreter(self) -> str:
        """The Python that it is made with."""
        return self.python or f"/usr/bin/python{self.target.python}"

    def wheels(self) -> tuple[Wheel, ...]:
        """Return the wheels of this lock, fetched now if the controller hasn't them yet."""
        return artifacts.wheels_for(self.lock, self.target, self.index)


@dataclass(frozen=True)
class VenvsState:
    """What is installed in each venv that is there, the wheels at hand, and whether our uv is."""

    installed: Mapping[str, Installed]
    wheels: frozenset[str]
    uv: bool


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that tells what is cached, and what is installed in each venv."""
    venvs = description.of(Venv)
    cache = venvs[0].cache if venvs else CACHE
    return f"""\
if [ -x {_uv_path(cache)} ]; then echo uv; fi
if [ -d {cache}/wheels ]; then cd {cache}/wheels; for wheel in *; do echo "wheel $wheel"; done; fi
{installed.probe({venv.path: venv.contents is not None for venv in venvs})}"""


def parse(answer: ProbeOutput) -> VenvsState:
    """Return what was found; raises ``ProbeError`` when it is not understood."""
    lines = answer.text.splitlines()
    wheels = [line.removeprefix("wheel ") for line in lines if line.startswith("wheel ")]
    listing = [line for line in lines if line != "uv" and not line.startswith("wheel ")]
    return VenvsState(installed.parse(listing), frozenset(wheels), "uv" in lines)


def drifts_of(venv: Venv, actual: VenvsState) -> list[Drift]:
    """Return how a venv differs from its lock."""
    return drifts(venv.lock, venv.target, actual.installed.get(venv.path), venv.contents)


class Why(Reason):
    """Why a venv is to be built."""

    NEW = "new venv of {} packages for Python {}"
    DRIFTED = "built anew: {}{}"


def diff(
    description: DesiredState, actual: VenvsState, pending: PendingTargets = NOTHING
) -> list[Change[Venv]]:
    """Return one change for each venv that is missing, broken, or not what its lock says."""
    changes: list[Change[Venv]] = []
    for venv in description.of(Venv):
        findings = [str(drift) for drift in drifts_of(venv, actual)]
        if venv.path not in actual.installed:
            changes.append(Change("add", Target(NAME, venv.path), (_size(venv),), venv))
        elif findings:
            more = f"; and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
            because = Why.DRIFTED("; ".join(findings[:SHOWN]), more)
            changes.append(
                Change("change", Target(NAME, venv.path), (because,), venv, tuple(findings))
            )
    return changes


def prepare(changes: Sequence[Change[Venv]], actual: VenvsState) -> None:
    """Download the wheels and uv before any host is touched; raises ``UserError`` if one lacks."""
    for venv in payloads(changes, Venv):
        venv.wheels()
        artifacts.uv_binary(venv.target.architecture)


def apply(
    description: DesiredState, actual: VenvsState, changes: Sequence[Change[Venv]]
) -> Commands:
    """Yield one command for each venv: it takes the missing wheels, checks, builds, renames."""
    at_hand = actual
    for venv in payloads(changes, Venv):
        wheels = venv.wheels()
        sent = [wheel for wheel in wheels if wheel.sha256 not in at_hand.wheels]
        members = [
            Member(f"wheels/{wheel.sha256}/{wheel.filename}", wheel.path.read_bytes())
            for wheel in sent
        ]
        if not at_hand.uv:
            uv = artifacts.uv_binary(venv.target.architecture)
            members.append(Member("uv", uv.read_bytes(), mode="755"))
        members.append(Member("requirements.txt", venv.lock.text().encode()))
        sums = "".join(f"{sha256(member.content)}  {member.name}\n" for member in members)
        members.append(Member("SHA256SUMS", sums.encode()))
        # uv is most of it, and shrinks to less than half.
        sent_whole = StdinPayload(gzip.compress(archive(members), compresslevel=1))
        yield StringCommand(_build(venv, wheels), _stdin=sent_whole)
        at_hand = VenvsState(
            actual.installed, at_hand.wheels | {wheel.sha256 for wheel in wheels}, uv=True
        )


def _build(venv: Venv, wheels: Sequence[Wheel]) -> str:
    cache, uv, python = venv.cache, _uv_path(venv.cache), quote(venv.interpreter)
    links = " ".join(quote(f"{cache}/wheels/{wheel.sha256}/{wheel.filename}") for wheel in wheels)
    sums = "".join(f"{w.sha256}  {cache}/wheels/{w.sha256}/{w.filename}\n" for w in wheels)
    sync = f"""\
sha256sum --quiet -c <<'SUMS' || damaged
{sums}SUMS
mkdir links
ln -s -t links {links}
{uv} pip sync --quiet --no-cache --no-index --find-links links --require-hashes \
--link-mode copy --compile-bytecode --python venv/bin/python requirements.txt
"""
    return f"""\
set -eu
umask 022
place={quote(venv.path)}
stage="${{place%/*}}/.new"
rm -rf "$stage"
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage" {cache}/wheels {uv.rpartition("/")[0]}
cd "$stage"
{UNPACK} -z --no-same-owner || {{ code=$?; cat >/dev/null; exit $code; }}
sha256sum --quiet -c SHA256SUMS
damaged() {{
  echo 'A wheel that was kept here is damaged. All are removed: deploy again.' >&2
  rm -rf {cache}/wheels
  exit 1
}}
if [ -d wheels ]; then for wheel in wheels/*; do
  rm -rf {cache}/"$wheel"
  mv -T "$wheel" {cache}/"$wheel"
done; fi
if [ -e uv ]; then mv -f uv {uv}.new; mv -f {uv}.new {uv}; fi
UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=1
export UV_PYTHON_DOWNLOADS UV_NO_CONFIG
{uv} venv --quiet --no-cache --relocatable --python {python} venv
{sync if wheels else ""}chmod -R a+rX,go-w venv
cd venv
{FUNCTIONS}keep
cd ..
sync -f "$stage"
if [ -e "$place" ]; then mv -T "$place" old; fi
mv -T venv "$place"
sync "${{place%/*}}"
"""


def _size(venv: Venv) -> Because:
    return Why.NEW(len(venv.lock.requirements), venv.target.python)


def _uv_path(cache: str) -> str:
    return f"{cache}/uv/{artifacts.uv_version()}/uv"


KIND = Kind(NAME, probe, parse, diff, apply, prepare)
converge = operation_for(KIND)
"""Build the described virtual environments that are missing."""
