"""The probe of the program: whether it is as shipped, and the deploys that it knows of."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from homeport.engine.kind import (
    DesiredState,
    ProbeOutput,
)
from homeport.hostctl import protocol
from homeport.operations.hostctl import deploy_state, old_layout
from homeport.operations.hostctl.deploy_state import DeployState
from homeport.operations.hostctl.program import BOOT, LIBRARY, digest, entry_points, modules
from homeport.operations.hostctl.resources import HostProgram

ENABLED = f"{protocol.UNITS}/multi-user.target.wants/{BOOT}"


@dataclass(frozen=True)
class HostProgramState:
    """Whether the program is on the host as it is shipped, and what the host says of deploys."""

    is_shipped: bool
    is_there: bool
    situation: DeployState | None


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
    lines = answer.lines
    if old_layout.FOUND in lines:
        raise old_layout.refusal()
    is_there, is_shipped = "there" in lines, f"sums\t{digest()}" in lines
    rest = [line for line in lines if line != "there" and not line.startswith("sums\t")]
    return HostProgramState(
        is_shipped and is_there, is_there, deploy_state.parse(rest) if rest else None
    )
