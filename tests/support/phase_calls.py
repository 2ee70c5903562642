"""The phases that a text calls: a deploy file, or a page that shows one."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import NamedTuple

CALL = re.compile(r"^(?:\w+ = )?(\w+)\.converge\(name=\"([^\"]+)\"\)$", re.M)
PACKAGES = ("homeport.operations.bootstrap", "homeport.operations", "kinds")


class PhaseCall(NamedTuple):
    """One call of ``converge``."""

    module: ModuleType
    printed: str


def phase_calls(text: str) -> list[PhaseCall]:
    """Return the calls in a text's order; raises ``LookupError`` for a module of no package."""
    return [PhaseCall(_module(name), printed) for name, printed in CALL.findall(text)]


def _module(name: str) -> ModuleType:
    for package in PACKAGES:
        if find_spec(path := f"{package}.{name}"):
            return import_module(path)
    raise LookupError(f"{name} is no module of {', '.join(PACKAGES)}")
