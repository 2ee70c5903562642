"""The probe of virtual environments, of wheels and of uv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from homeport.engine.kind import (
    DesiredState,
    ProbeOutput,
)
from homeport.hostctl.protocol import CACHE
from homeport.operations.venvs import installed
from homeport.operations.venvs.installed import Installed
from homeport.operations.venvs.resources import Venv, uv_path


@dataclass(frozen=True)
class VenvsState:
    """The contents of each venv that is there, the wheels at hand, and whether our uv is."""

    installed: Mapping[str, Installed]
    wheels: frozenset[str]
    uv: bool


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that tells what is cached, and what is installed in each venv."""
    venvs = description.of(Venv)
    cache = venvs[0].cache if venvs else CACHE
    return f"""\
if [ -x {uv_path(cache)} ]; then echo uv; fi
if [ -d {cache}/wheels ]; then cd {cache}/wheels; for wheel in *; do echo "wheel $wheel"; done; fi
{installed.probe({venv.path: venv.contents is not None for venv in venvs})}"""


def parse(answer: ProbeOutput) -> VenvsState:
    """Return what was found; raises ``ProbeError`` when it is not understood."""
    lines = answer.lines
    wheels = [line.removeprefix("wheel ") for line in lines if line.startswith("wheel ")]
    listing = [line for line in lines if line != "uv" and not line.startswith("wheel ")]
    return VenvsState(installed.parse(listing), frozenset(wheels), "uv" in lines)
