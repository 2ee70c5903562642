"""A rollout is careful unless host data ask for more, and its batches have a size."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.model.rollout import Rollout, some_hosts


@pytest.mark.parametrize("size", [1, 20, "1%", "25%", "100%"])
def test_batch_is_a_number_of_hosts_or_a_share(size: int | str) -> None:
    assert some_hosts(size) == size


@pytest.mark.parametrize("size", [0, -1, True, 1.5, "0%", "101%", "25", None])
def test_batch_of_another_size_is_refused(size: object) -> None:
    with pytest.raises(PydanticCustomError):
        some_hosts(size)


def test_rollout_is_careful_by_itself() -> None:
    rollout = Rollout()
    assert (rollout.canary, rollout.batch_size, rollout.max_failures) == (1, 1, 0)
    assert rollout.unreachable == "stop"
