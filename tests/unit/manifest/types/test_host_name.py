"""A host has a name of plain letters, without a port; a site may answer to all below one."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from homeport.manifest.types.host_name import HostName, ServerName

HOST, SERVER = TypeAdapter(HostName), TypeAdapter(ServerName)


@pytest.mark.parametrize("name", ["localhost", "pins.example.org", "192.168.1.7", "a-b.c"])
def test_host_name__a_name_is_that_of_a_host_and_of_a_site(name: str) -> None:
    assert HOST.validate_python(name) == SERVER.validate_python(name) == name


@pytest.mark.parametrize("name", ["", "a:80", "A.example", "-a", "a..b", "a\n", "a b", "ä", 'a"'])
def test_host_name__what_is_no_name_is_refused(name: str) -> None:
    for kind in (HOST, SERVER):
        with pytest.raises(ValidationError):
            kind.validate_python(name)


def test_host_name__a_host_has_no_star() -> None:
    assert SERVER.validate_python("*.example.org") == "*.example.org"
    with pytest.raises(ValidationError):
        HOST.validate_python("*.example.org")
