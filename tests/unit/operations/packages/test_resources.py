"""Names of packages: no form of one has apt-get do anything but install it."""

from __future__ import annotations

import pytest

from homeport.engine.kind import PreconditionError
from homeport.operations.packages.resources import Package


@pytest.mark.parametrize("name", ["curl", "g++", "libstdc++6", "python3.11", "libpq5", "7zip"])
def test_package__a_name_of_debians_is_one(name: str) -> None:
    assert Package(name).name == name


@pytest.mark.parametrize(
    "name",
    ["curl-", "openssh-server-", "curl=1", "curl/sid", "curl:i386", "-curl", "^lamp", "c*", ""],
)
def test_package__a_form_that_asks_apt_for_something_else_is_refused(name: str) -> None:
    with pytest.raises(PreconditionError, match="is not the name of a Debian package"):
        Package(name)
