"""An application's name is free: no account of the system and no file of ours has it."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.app_name import free_account


@pytest.mark.parametrize("name", ["root", "www-data", "systemd-network", "lease", "hmac-key"])
def test_app_name_that_is_taken_is_refused(name: str) -> None:
    with pytest.raises(PydanticCustomError):
        free_account(name)


def test_app_name_that_is_free_is_taken_as_it_is() -> None:
    assert free_account("shop") == "shop"
