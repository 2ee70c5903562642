"""An application's name is none of homeport's own; the host knows what else is taken."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.app_name import free_name


@pytest.mark.parametrize(
    "name", ["homeport", "homeportctl", "homeportctl-cleanup", "lease", "hmac-key"]
)
def test_app_name_that_is_taken_is_refused(name: str) -> None:
    with pytest.raises(PydanticCustomError):
        free_name(name)


@pytest.mark.parametrize("name", ["shop", "homeport-shop", "proxy", "systemd-shop"])
def test_app_name_that_is_free_is_taken_as_it_is(name: str) -> None:
    assert free_name(name) == name
