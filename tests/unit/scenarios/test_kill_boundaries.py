"""What is killed on a host of the lab: every phase and every state, with each victim, once."""

from __future__ import annotations

from homeport.hostctl.transaction.states import SUCCESSORS
from homeport.operations import PHASES
from tests.faults.kills.case import FRAME, VICTIMS, cases, phases


def test_every_phase_and_every_state_is_a_boundary_of_each_victim() -> None:
    found = list(cases())
    assert len(found) == len(set(found)) == len(set(map(str, found)))
    for victim in VICTIMS:
        killed = [case for case in found if case.victim == victim]
        assert {case.state for case in killed if case.state} == set(SUCCESSORS)
        assert [case.phase for case in killed if case.phase] == phases()
    assert len(phases()) == len(PHASES) + len(FRAME)
