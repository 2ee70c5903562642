"""How a release takes over from the one before it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.text import Whole


class ReleasePolicy(ConfigModel):
    """How long a release is watched, and what is kept of the ones before it."""

    soak: Annotated[Whole, Field(ge=0, le=600)] = 5
    """Seconds that a new release must stay well before the switch to it is confirmed."""
    drain_timeout: Annotated[Whole, Field(ge=0, le=600)] = 10
    """Seconds that the old slot goes on after that, for requests that are under way."""
    keep_releases: Annotated[Whole, Field(ge=1, le=100)] = 5
    """Good releases that are kept on the host, to go back to."""
    data_version: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1
    """Version of the data's layout: raise it with a release after which older ones can't run."""
