"""What a host has of venvs is understood whole, or refused."""

from __future__ import annotations

import pytest

from homeport.engine.kind import ProbeError, ProbeOutput
from homeport.operations.venvs import probe


def test_venvs__an_answer_of_one_word_too_few_is_not_taken_for_an_empty_one() -> None:
    with pytest.raises(ProbeError):
        probe.parse(ProbeOutput("venv\n", ""))
