"""The order of the phases is stated once: deploy files and pages are held to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import AnyKind
from homeport.operations import PHASES
from homeport.operations.bootstrap import BOOTSTRAP
from tests.support.phase_calls import phase_calls

ROOT = Path(__file__).resolve().parents[3]
PRINTED = {
    "sshd-logins": "SSH logins",
    "ssh-sessions": "SSH sessions",
    "venvs": "Virtual environments",
}
"""Kinds whose phase is printed under another name than theirs."""


def printed(kind: AnyKind) -> str:
    """Return the name under which a phase is printed."""
    return PRINTED.get(kind.name, kind.name.replace("-", " ").capitalize())


def faults(text: str, phases: Sequence[AnyKind]) -> list[tuple[str, str]]:
    """Return the calls that a text has and should not have, or the other way round, in order."""
    calls = [(call.module.KIND.name, call.printed) for call in phase_calls(text)]
    order = [(kind.name, printed(kind)) for kind in phases]
    return [] if calls == order else [*(set(calls) ^ set(order)), *calls]


def page(name: str) -> str:
    """Return the first block of a page that calls phases."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / name).read_text(), re.M | re.S)
    return next(block for block in blocks if phase_calls(block))


@pytest.mark.parametrize(
    "text, phases",
    [
        ((ROOT / "deploy.py").read_text(), PHASES),
        ((ROOT / "deploys/bootstrap.py").read_text(), BOOTSTRAP),
        (page("docs/extending.md"), PHASES),
    ],
    ids=["deploy.py", "bootstrap.py", "extending.md"],
)
def test_phases_are_called_in_their_order(text: str, phases: Sequence[AnyKind]) -> None:
    assert faults(text, phases) == []


@pytest.mark.parametrize(
    "before, after",
    [
        ('units.converge(name="Units")\n', ""),
        ('units.converge(name="Units")', 'units.converge(name="Services")'),
        ('units.converge(name="Units")', 'units.converge(name="Units")\n' * 2),
        (
            'units.converge(name="Units")',
            'units.converge(name="Units")\nzram.converge(name="Zram")',
        ),
    ],
    ids=["missing", "misnamed", "twice", "of another deploy"],
)
def test_phases_that_differ_are_found(before: str, after: str) -> None:
    story = (ROOT / "deploy.py").read_text()
    assert before in story
    assert faults(story.replace(before, after), PHASES)


def test_phases_of_the_architecture_are_those_in_their_order() -> None:
    table = (ROOT / "docs/architecture.md").read_text().partition("## The phases")[2]
    rows = re.findall(r"^\| ([a-z-]+) \| `", table.partition("\n## ")[0], re.M)
    assert rows == [kind.name for kind in PHASES]


def test_phases_begin_before_what_a_deploy_writes_and_confirm_after_it() -> None:
    text = (ROOT / "deploy.py").read_text()
    calls = re.findall(r"^(?:lifecycle\.)?(\w+)(?:\.converge)?\(name=", text, re.M)
    assert calls[calls.index("begin") - 1] == "platform"
    assert calls[-1] == "confirm"
