"""A hook is one that git runs on a laptop, and runs a command that doesn't listen."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.model.git_hook import alone, known, words_of


def test_hook_that_git_does_not_run_is_refused_with_the_nearest_name() -> None:
    assert known("pre-commit") == "pre-commit"
    with pytest.raises(PydanticCustomError) as caught:
        known("precommit")
    assert "pre-commit" in (caught.value.context or {})["complaints"][0].fix


def test_hook_that_asks_for_an_address_is_refused() -> None:
    with pytest.raises(PydanticCustomError):
        alone("serve {port}")


def test_hook_runs_the_words_of_its_command() -> None:
    assert words_of("run 'a b' {{c}}") == ("run", "a b", "{c}")
