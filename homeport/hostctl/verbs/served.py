"""Whether people are served now, by the proxy and on ports: for the watch, and for people."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..slots.app_spec import AppSpec
from ..slots.health_gates import Gate
from ..slots.pointer import Pointer
from ..system.exit_codes import DONE, FAILED
from ..system.paths import AppPaths
from .app_context import AppContext, speak
from .context import Context


def served(host: Context, args: list[str]) -> int:
    """Ask as people do for each process that runs: the verb ``served APP [PROCESS]``.

    Returns DONE, or FAILED if one is not what they reach.
    """
    code = DONE
    for line in unserved(host, host.place(args[0]), args[1:]):
        speak(line, sys.stdout)
        code = FAILED
    return code


def unserved(
    host: Context, place: AppPaths, names: Sequence[str] = (), patience: float | None = None
) -> Iterator[str]:
    """Yield why people don't reach processes that run; all, or those of these names.

    While a deploy is open, that one judges; and one that was just started has its time to get
    ready. Raises ValueError if the file that describes them can't be understood.

    + patience: seconds for an answer, if fewer than are described
    """
    if host.journal(place) is not None:
        return
    pointer, runs = Pointer.read(place), AppSpec.read(place.processes)
    tools = AppContext(host, place)
    gates = runs.all_gates(pointer.slot if pointer else None, names)
    shown = tools.systemd.show(gate.unit for gate in gates)
    for gate in gates:
        if not shown[gate.unit].active:
            continue
        wrong = tools.gates.wrong_for_people(_hurried(gate, patience))
        if wrong is None:
            continue
        if wrong.lasting or host.clock.mono() - shown[gate.unit].since >= gate.deadline:
            yield f"{gate.unit}: {wrong.text}"


def _hurried(gate: Gate, patience: float | None) -> Gate:
    if gate.proxy is None or patience is None:
        return gate
    return replace(gate, proxy=replace(gate.proxy, timeout=min(gate.proxy.timeout, patience)))
