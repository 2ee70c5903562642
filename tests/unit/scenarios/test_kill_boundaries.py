"""What is killed on a host of the lab: every phase and every state, with each victim, once."""

from __future__ import annotations

import json
from pathlib import Path

from homeport.hostctl.transaction.states import SUCCESSORS
from homeport.operations import PHASES
from tests.faults.kills.case import FRAME, VICTIMS, cases, phases
from tests.faults.kills.results import note


def test_every_phase_and_every_state_is_a_boundary_of_each_victim() -> None:
    found = list(cases())
    assert len(found) == len(set(found)) == len(set(map(str, found)))
    for victim in VICTIMS:
        killed = [case for case in found if case.victim == victim]
        assert {case.state for case in killed if case.state} == set(SUCCESSORS)
        assert [case.phase for case in killed if case.phase] == phases()
    assert len(phases()) == len(PHASES) + len(FRAME)


def test_a_case_that_is_played_again_takes_the_place_of_its_result(tmp_path: Path) -> None:
    figures, names = tmp_path / "figures.json", ["one", "two"]
    figures.write_text('{"power cuts": {"seed": 1}}')
    for name, wrong in (("two", ["failed"]), ("one", []), ("two", [])):
        note(name, wrong, names, figures)
    note("two", [], ["two", "three"], figures)
    found = json.loads(figures.read_text())
    assert found["power cuts"] == {"seed": 1}
    assert found["kills"] == {"boundaries": ["two", "three"], "played": {"two": []}}
