"""A variable has a name that is free, and a value that YAML didn't change."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.environment import as_text, free


@pytest.mark.parametrize("name", ["PATH", "STATE_DIRECTORY", "LISTEN_FDS", "HOMEPORT_SLOT"])
def test_variable_that_systemd_or_homeport_sets_is_refused(name: str) -> None:
    with pytest.raises(PydanticCustomError):
        free(name)


@pytest.mark.parametrize(
    "name", ["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH"]
)
def test_variable_that_has_programs_of_root_load_other_code_is_refused(name: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        free(name)
    assert "load other code" in str(caught.value.context)


def test_variable_of_the_application_is_free() -> None:
    assert free("PATHS") == "PATHS"


@pytest.mark.parametrize("value", [True, 1.1, 10**18])
def test_value_that_yaml_may_have_changed_is_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        as_text(value)


def test_value_that_is_a_whole_number_is_text() -> None:
    assert as_text(2) == "2"
    assert as_text("a b") == "a b"
