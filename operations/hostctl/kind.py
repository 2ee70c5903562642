"""The program of ours that guards a deploy: it lies on the host, and runs only when it is called.

It keeps what a deploy is about to change, and puts it back unless that deploy is confirmed. Its
modules lie in a folder named after them, which a link leads to: a deploy that is at work goes on
with those that it began with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.host_programs import host_program
from homeport.engine.kind import (
    NOTHING,
    Action,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    Plan,
    PreconditionError,
    ProbeOutput,
    Reason,
    Target,
)
from homeport.engine.phase import operation_for
from homeport.engine.secret_digest import sha256
from homeport.files import install
from homeport.files.entries import Directory, Entry, File, Link
from homeport.hostctl import protocol
from homeport.hostctl.system import exit_codes
from homeport.operations.hostctl import deploy_state, old_layout, preflight
from homeport.operations.hostctl.deploy_state import DeployState
from homeport.operations.releases import Release

NAME = "hostctl"
LIBRARY = protocol.LIBRARY
FOLDERS = f"{LIBRARY}.versions"
BOOT = protocol.BOOT_UNIT
UNIT = f"{protocol.UNITS}/{BOOT}"
ENABLED = f"{protocol.UNITS}/multi-user.target.wants/{BOOT}"

ENDED_BY_ITSELF = f"{exit_codes.REFUSED}|{exit_codes.REVERTED}|{exit_codes.ALREADY_CONFIRMED}"
"""How a revert ends of a deploy that the host has brought to its end by itself."""

ROOT = Path(__file__).parents[2]
START = b"""\
import runpy
runpy.run_module("hostctl", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class HostProgram:
    """The program that guards deploys of an application.

    + repository: where its code is checked out, if that is known
    + allow_downgrade: whether code may go back to what came before the code that runs
    """

    app: str
    repository: Path | None = None
    allow_downgrade: bool = False


@dataclass(frozen=True)
class CutOffDeploy:
    """A deploy that is open, with no process at work on it, by its id."""

    id: str


@dataclass(frozen=True)
class HostProgramState:
    """Whether the program is on the host as it is shipped, and what the host says of deploys."""

    is_shipped: bool
    is_there: bool
    situation: DeployState | None


@cache
def modules() -> dict[str, bytes]:
    """Return the program's modules by their path in its folder."""
    package = ROOT / "hostctl"
    sources = sorted(path.relative_to(package.parent) for path in package.rglob("*.py"))
    found = {str(path): (package.parent / path).read_bytes() for path in sources}
    return {"__main__.py": START, **found}


@cache
def entry_points() -> tuple[File, File]:
    """Return what starts the program: by hand or in a deploy, and at boot."""
    return (
        File(protocol.PROGRAM, host_program("homeportctl"), "755"),
        File(UNIT, host_program(BOOT)),
    )


@cache
def digest() -> str:
    """Return what ``sha256sum`` of all of it, and once more of what that says, comes to."""
    sums = [f"{sha256(text)}  {name}\n" for name, text in modules().items()]
    sums += [f"{sha256(file.content)}  {file.path}\n" for file in entry_points()]
    return sha256("".join(sums).encode())


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that tells whether the program is as shipped, and what goes on."""
    guards = description.of(HostProgram)
    if not guards:
        return ":\n"
    files = " ".join(map(quote, (*modules(), *(file.path for file in entry_points()))))
    return f"""\
sums=$({{ cd -P {LIBRARY} && sha256sum -- {files}; }} 2>/dev/null | sha256sum)
{old_layout.probe()}
if [ -e {protocol.PROGRAM} ]; then echo there; fi
if [ -x {protocol.PROGRAM} ] && [ -e {ENABLED} ]; then printf 'sums\\t%s\\n' "${{sums%% *}}"; fi
{"".join(deploy_state.probe(guard.app) for guard in guards[:1])}"""


def parse(answer: ProbeOutput) -> HostProgramState:
    """Return what was found; raises ``ValueError`` or ``LookupError`` if it isn't understood.

    A host that an earlier homeport deployed to raises ``PreconditionError``.
    """
    lines = answer.text.splitlines()
    if old_layout.FOUND in lines:
        raise old_layout.refusal()
    is_there, is_shipped = "there" in lines, f"sums\t{digest()}" in lines
    rest = [line for line in lines if line != "there" and not line.startswith("sums\t")]
    return HostProgramState(
        is_shipped and is_there, is_there, deploy_state.parse(rest) if rest else None
    )


class Why(Reason):
    """Why the program is to be shipped."""

    NEW = "guards deploys; new"
    NOT_SHIPPED = "not as it is shipped"


def diff(
    description: DesiredState, actual: HostProgramState, pending: PendingTargets = NOTHING
) -> list[Change[HostProgram | CutOffDeploy]]:
    """Return what ships the program, and what puts back a deploy that was cut off."""
    changes: list[Change[HostProgram | CutOffDeploy]] = []
    for guard in description.of(HostProgram):
        if not actual.is_shipped:
            because = Why.NOT_SHIPPED() if actual.is_there else Why.NEW()
            action: Action = "change" if actual.is_there else "add"
            beside = (f"{LIBRARY}: {len(modules())} modules", f"{UNIT}: enabled")
            changes.append(
                Change(action, Target(NAME, protocol.PROGRAM), (because,), guard, beside)
            )
        if actual.situation is not None and actual.situation.is_cut_off:
            journal = f"{protocol.STATE}/{guard.app}/{protocol.JOURNAL}"
            because = preflight.cut_off(actual.situation)
            deploy = CutOffDeploy(str(actual.situation.journal[0].get("id", "-")))
            changes.append(Change("remove", Target(NAME, journal), (because,), deploy))
    return changes


def check_plan(description: DesiredState, actual: HostProgramState, plan: Plan) -> list[str]:
    """Return what is worth knowing; raises ``PreconditionError`` with all that forbids the plan."""
    refused: list[str] = []
    warnings: list[str] = []
    for guard in description.of(HostProgram):
        if actual.situation is None:
            continue
        forbidden = list(preflight.blockers(guard.app, actual.situation))
        commits = [release.artifact.commit for release in description.of(Release)]
        if guard.repository is not None and not guard.allow_downgrade:
            forbidden += preflight.downgrade_blockers(guard.repository, actual.situation, commits)
        # Where nothing is to be changed, there is nothing to forbid.
        (refused if plan else warnings).extend(forbidden)
        refused += filter(None, [preflight.unknown(guard.app, actual.situation)])
        warnings += preflight.warnings(actual.situation)
        warnings += preflight.downtime_note(plan, actual.situation)
    if refused:
        raise PreconditionError("; ".join(refused))
    return warnings


def apply(
    description: DesiredState,
    actual: HostProgramState,
    changes: Sequence[Change[HostProgram | CutOffDeploy]],
) -> Commands:
    """Yield the command that ships the program, and the one that has it put things back."""
    for change in changes:
        match change.payload:
            case HostProgram():
                entries = list(_entries())
                script = install.install(entries, before=BEFORE, after=_after())
                yield StringCommand(script, _stdin=install.payload(entries))
            case CutOffDeploy(id=deploy):
                words = (protocol.PROGRAM, "revert", description.app, deploy, "it was cut off")
                line = " ".join(map(quote, words))
                # It may have been done meanwhile: the host does so by itself.
                yield StringCommand(f"{line} || case $? in {ENDED_BY_ITSELF}) ;; *) exit 1 ;; esac")


def _folder() -> str:
    return f"{FOLDERS}/{digest()[:12]}"


def _entries() -> Iterator[Entry]:
    yield from (Directory(FOLDERS), Directory(_folder()))
    inside = sorted({str(PurePosixPath(name).parent) for name in modules()} - {"."})
    yield from (Directory(f"{_folder()}/{name}") for name in inside)
    yield from (File(f"{_folder()}/{name}", text) for name, text in modules().items())
    yield from entry_points()
    yield Link(LIBRARY, _folder())


BEFORE = f"""\
before=$(readlink {LIBRARY} || :)
if [ -d {LIBRARY} ] && [ ! -L {LIBRARY} ]; then mv -T {LIBRARY} {FOLDERS}/found; fi"""


def _after() -> str:
    # A process may be at work with those that were there.
    return f"""\
for folder in {FOLDERS}/*; do
  case $folder in {_folder()} | "$before") ;; *) rm -rf "$folder" ;; esac
done
systemctl daemon-reload
systemctl enable --quiet {BOOT}"""


KIND = Kind(NAME, probe, parse, diff, apply, check_plan=check_plan)
converge = operation_for(KIND)
"""Have the program that guards deploys on the host, as it is shipped."""
