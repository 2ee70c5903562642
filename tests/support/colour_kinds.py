"""What tests of several modules share: colour kinds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import pytest
from pyinfra.api.command import StringCommand

from homeport.engine import run
from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeError,
    ProbeOutput,
    payloads,
)
from homeport.engine.phase import operation_for
from tests.support.changes import change
from tests.support.host_folders import Fleet

DESCRIPTION = DesiredState("shop", ("red", "green"))


class Colour:
    """A kind as small as can be: a file of its name that should hold the description's words."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.provided: list[list[str]] = []
        self.upcoming: list[PendingTargets] = []
        self.refuse: Exception | None = None
        self.kind = Kind(name, self.probe, self.read, self.diff, self.apply, self.prepare)

    def probe(self, description: DesiredState, key: str) -> str:
        return f"if [ -f {self.name} ]; then cat {self.name}; fi\n"

    def read(self, answer: ProbeOutput) -> list[str]:
        if answer.text == "rubbish":
            raise ProbeError("rubbish was said")
        if answer.text == "odd":
            raise ValueError("not enough values to unpack")
        if answer.text == "short":
            return [["word"][1]]
        return answer.text.split()

    def diff(
        self, description: DesiredState, actual: list[str], pending: PendingTargets = NOTHING
    ) -> list[Change[str]]:
        self.upcoming.append(pending)
        if self.refuse and "forbidden" in actual:
            raise self.refuse
        words = [word for word in description.of(str) if word not in actual]
        return [
            change("add", f"{self.name}/{word}", "missing", word, ("+" + word,), self.name)
            for word in words
        ]

    def apply(
        self, description: DesiredState, actual: list[str], changes: Sequence[Change[str]]
    ) -> Commands:
        for word in payloads(changes, str):
            yield StringCommand(f"echo {word} >>{self.name}")

    def prepare(self, changes: Sequence[Change[str]], actual: list[str]) -> None:
        self.provided.append([each.target.name for each in changes])

    def converge(self) -> Callable[[], object]:
        return operation_for(self.kind)


@pytest.fixture
def colours() -> list[Colour]:
    return [Colour(name) for name in ("one", "two", "three")]


@pytest.fixture
def begin(fleet: Fleet, colours: list[Colour]) -> Callable[..., None]:
    def begin(*names: str, check_for_changes: bool = True, diff: bool = False) -> None:
        fleet.start(*names, check_for_changes=check_for_changes, diff=diff)
        kinds = [colour.kind for colour in colours]
        fleet.on_each(lambda: run.start_run(kinds, DESCRIPTION))

    return begin


Begin = Callable[..., None]


def as_described(fleet: Fleet, *names: str) -> None:
    for name in names:
        for kind in ("one", "two", "three"):
            (fleet.root / name / kind).write_text("red green\n")


def operations(colours: list[Colour]) -> list[Callable[[], object]]:
    return [colour.converge() for colour in colours]


@pytest.fixture
def messages(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What a plan says of the ordinary operations among the phases."""
    caplog.set_level(logging.INFO)
    return lambda: [
        record.getMessage().partition("custom          ? ")[2]
        for record in caplog.records
        if "custom          ? " in record.getMessage()
    ]
