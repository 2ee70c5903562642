"""The shipping of the program, and the revert of a deploy that was cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    Change,
    Commands,
    DesiredState,
)
from homeport.files import install
from homeport.files.entries import Directory, Entry, File, Link
from homeport.hostctl import protocol
from homeport.hostctl.system import exit_codes
from homeport.operations.hostctl.deploy_state import unmoved
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.hostctl.program import BOOT, LIBRARY, digest, entry_points, modules
from homeport.operations.hostctl.resources import CutOffDeploy, HostProgram

FOLDERS = f"{LIBRARY}.versions"


ENDED_BY_ITSELF = f"{exit_codes.REFUSED}|{exit_codes.REVERTED}|{exit_codes.ALREADY_CONFIRMED}"
"""How a revert ends of a deploy that the host has brought to its end by itself."""


def apply(
    description: DesiredState,
    actual: HostProgramState,
    changes: Sequence[Change[HostProgram | CutOffDeploy]],
) -> Commands:
    """Yield the command that ships the program, and the one that has it put things back."""
    for change in changes:
        match change.payload:
            case HostProgram():
                entries, before = list(_entries()), BEFORE
                if actual.situation is not None:
                    # What another deploy works with is not replaced by what came before it.
                    before = f"{unmoved(description.app, actual.situation)}\n{BEFORE}"
                script = install.install(entries, before=before, after=_after())
                yield StringCommand(script, _stdin=install.payload(entries))
            case CutOffDeploy(id=deploy):
                words = (
                    protocol.PROGRAM,
                    "revert",
                    description.app,
                    deploy,
                    protocol.IF_GONE,
                    "it was cut off",
                )
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
