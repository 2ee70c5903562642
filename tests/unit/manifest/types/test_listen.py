"""A process listens on a port or on a socket."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.listen import address


@pytest.mark.parametrize("value", ["socket", 1, 8000, 65535])
def test_address_is_a_port_or_socket(value: object) -> None:
    assert address(value) == value


@pytest.mark.parametrize("value", ["8000", "sockets", 0, 65536, -1, True, 80.0, None, 10**20])
def test_address_that_is_neither_is_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        address(value)
