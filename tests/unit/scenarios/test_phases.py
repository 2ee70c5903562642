"""The order of the phases is stated once: deploy files and pages are held to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

from homeport.engine.kind import AnyKind
from homeport.operations import PHASES
from homeport.operations.bootstrap import BOOTSTRAP

ROOT = Path(__file__).resolve().parents[3]
CALL = re.compile(r"^(?:\w+ = )?(\w+)\.converge\(name=\"([^\"]+)\"\)$", re.M)


def kinds(text: str) -> list[str]:
    """Return the names of the kinds whose ``converge`` a text calls, in its order."""
    found = []
    for module, _ in CALL.findall(text):
        for package in ("homeport.operations", "homeport.operations.bootstrap"):
            if (path := f"{package}.{module}") and _is_there(path):
                found.append(import_module(path).KIND.name)
                break
    return found


def _is_there(name: str) -> bool:
    path = ROOT / name.removeprefix("homeport.").replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists()


@pytest.mark.parametrize(
    "file, phases",
    [("deploy.py", PHASES), ("deploys/bootstrap.py", BOOTSTRAP), ("docs/extending.md", PHASES)],
)
def test_phases_are_called_in_their_order(file: str, phases: Sequence[AnyKind]) -> None:
    names = kinds((ROOT / file).read_text())
    order = [kind.name for kind in phases]
    assert [name for name in names if name in order] == order


def test_phases_of_the_architecture_are_those_in_their_order() -> None:
    table = (ROOT / "docs/architecture.md").read_text().partition("## The phases")[2]
    rows = re.findall(r"^\| ([a-z-]+) \| `", table.partition("\n## ")[0], re.M)
    assert rows == [kind.name for kind in PHASES]


def test_phases_begin_before_what_a_deploy_writes_and_confirm_after_it() -> None:
    text = (ROOT / "deploy.py").read_text()
    calls = re.findall(r"^(?:lifecycle\.)?(\w+)(?:\.converge)?\(name=", text, re.M)
    assert calls[calls.index("begin") - 1] == "hostctl"
    assert calls[-1] == "confirm"
