"""What tests of several modules share: guarded deploy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from pyinfra.api.exceptions import PyinfraError

from homeport.deployment import lifecycle
from homeport.engine import run as session
from homeport.engine.kind import (
    NOTHING,
    AnyKind,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import File
from homeport.operations import files, hostctl
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.hostctl.resources import HostProgram
from tests.support.changes import change
from tests.support.deploy_states import NOW
from tests.support.fake_hostctl import Guarding
from tests.support.host_folders import Fleet
from tests.support.sample_app import RELEASE

# The program itself is in its place, whatever this machine has.
GUARDS: AnyKind = Kind(
    "hostctl", lambda *_: ":\n", lambda _: HostProgramState(True, True, NOW), lambda *_: []
)


class Late:
    """A phase after the files: it refuses, or fails, when it is told to."""

    def __init__(self) -> None:
        self.command = "true"
        self.raises: Exception | None = None
        self.kind: AnyKind = Kind("late", self.probe, str, self.diff, self.apply)

    def probe(self, description: DesiredState, key: str) -> str:
        return "if [ -f late ]; then echo done; fi\n"

    def diff(
        self, description: DesiredState, actual: object, pending: PendingTargets = NOTHING
    ) -> list[Change[None]]:
        if self.raises and not pending:
            raise self.raises
        return (
            [] if "done" in str(actual) else [change("add", "late", "missing", None, kind="late")]
        )

    def apply(
        self, description: DesiredState, actual: str, changes: Sequence[Change[None]]
    ) -> Commands:
        yield f"{self.command} && touch late"

    def converge(self) -> Callable[..., object]:
        return operation_for(self.kind)


@pytest.fixture
def late() -> Late:
    return Late()


Start = Callable[..., Path]


@pytest.fixture
def start(
    fleet: Fleet, guarding: Guarding, late: Late, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Start:
    monkeypatch.setattr(hostctl, "KIND", GUARDS)
    monkeypatch.setattr(
        managed_set, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}"
    )
    wanted = tmp_path / "wanted"

    def start(*names: str, check_for_changes: bool = True, guard: bool = True) -> Path:
        fleet.start(*names, check_for_changes=check_for_changes)
        described: list[object] = [File(str(wanted), b"new\n"), RELEASE]
        described += [HostProgram("shop")] if guard else []
        kinds = (GUARDS, files.KIND, late.kind)
        fleet.on_each(lambda: session.start_run(kinds, DesiredState("shop", tuple(described))))
        return wanted

    return start


def run(fleet: Fleet) -> None:
    # Where no host is left pyinfra ends the run.
    with suppress(PyinfraError):
        fleet.run()


def deploy(fleet: Fleet, late: Late, *between: Callable[[], None]) -> None:
    fleet.add(lifecycle.begin, name="Begin")
    fleet.add(files.converge, name="Files")
    for add in between:
        add()
    fleet.add(late.converge(), name="Late")
    fleet.add(lifecycle.confirm, name="Confirm")
    run(fleet)


REVERTED = "reverted: @fake/a runs what it ran before"
