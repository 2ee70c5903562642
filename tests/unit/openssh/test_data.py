"""Every key of host data has a type and says what it is for."""

from __future__ import annotations

from homeport.openssh.data import META, ConnectorData


def test_data__every_key_is_described() -> None:
    assert META.keys() == ConnectorData.__annotations__.keys()
    assert all(meta.description for meta in META.values())
