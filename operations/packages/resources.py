"""Debian packages, as they are described."""

from __future__ import annotations

import re
from dataclasses import dataclass

from homeport.engine.kind import PreconditionError

NAME = "packages"
SHAPE = re.compile("[a-z0-9][a-z0-9+.-]*[a-z0-9+.]")
"""A package's name (Debian Policy, 5.6.1): with a - at its end, apt-get would remove the package"""


@dataclass(frozen=True)
class Package:
    """A Debian package that the host should have, in whatever version its release offers."""

    name: str

    def __post_init__(self) -> None:
        if not SHAPE.fullmatch(self.name):
            raise PreconditionError(f"{self.name!r} is not the name of a Debian package")
