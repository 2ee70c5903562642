"""What hostctl.transaction.states promises."""

from __future__ import annotations

from homeport.hostctl.transaction.states import ENDS, SUCCESSORS


def test_states__from_every_state_but_the_last_ones_there_is_a_way_back() -> None:
    for state, following in SUCCESSORS.items():
        assert state in ENDS or state == "reverting" or "reverting" in following
        assert set(following) <= set(SUCCESSORS)
