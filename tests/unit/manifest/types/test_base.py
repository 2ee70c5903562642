"""A part of an application file has known keys, and stays as it was read."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from homeport.manifest.types.base import ConfigModel


class Door(ConfigModel):
    """A part of a test."""

    width: int


def test_part_refuses_a_key_that_it_does_not_know_and_shows_no_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Door.model_validate({"width": 1, "secret": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_part_can_not_be_changed() -> None:
    with pytest.raises(ValidationError):
        Door(width=1).width = 2  # type: ignore[misc] # the model is frozen: that is what is tested
