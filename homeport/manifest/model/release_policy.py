"""The policy of a release: how it takes over from the one before it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.text import Whole


class ReleasePolicy(ConfigModel):
    """The timing of the switch to a release, and the number of releases on the host."""

    soak: Annotated[Whole, Field(ge=0, le=600)] = 5
    """Seconds that a new release must stay healthy before the switch to it is confirmed."""
    drain_timeout: Annotated[Whole, Field(ge=0, le=600)] = 10
    """Seconds that the old slot goes on after the confirmation, to finish its requests."""
    keep_releases: Annotated[Whole, Field(ge=1, le=100)] = 5
    """Confirmed releases that stay on the host, for a rollback."""
    data_version: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1
    """Version of the data's layout; raise it when older releases can't run on the data any more."""
