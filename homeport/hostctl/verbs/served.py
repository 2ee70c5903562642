"""Whether people are served now, by the proxy and on ports: for the watch, and for people."""

from __future__ import annotations

import sys

from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..system.exit_codes import DONE, FAILED
from .app_context import AppContext, speak
from .context import Context


def served(host: Context, args: list[str]) -> int:
    """Ask as people do for each process that runs: the verb ``served APP [PROCESS]``.

    Returns DONE, or FAILED if one is not what they reach. While a deploy is open, that one judges;
    and one that was just started has its time to get ready.
    """
    place = host.place(args[0])
    if host.journal(place) is not None:
        return DONE
    pointer, runs = Pointer.read(place), AppSpec.read(place.processes)
    tools, code = AppContext(host, place), DONE
    gates = runs.all_gates(pointer.slot if pointer else None, args[1:])
    shown = tools.systemd.show(gate.unit for gate in gates)
    for gate in gates:
        if not shown[gate.unit].active or not (wrong := tools.gates.wrong_for_people(gate)):
            continue
        if wrong.lasting or host.clock.mono() - shown[gate.unit].since >= gate.deadline:
            speak(f"{gate.unit}: {wrong.text}", sys.stdout)
            code = FAILED
    return code
