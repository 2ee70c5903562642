"""The host data of a deploy to many hosts: who comes first, and how many at a time."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import Text, Whole


def some_hosts(size: Any) -> int | str:
    """Return the size of a batch. Raises ``ValueError`` if it is neither a number nor a share."""
    if isinstance(size, int) and not isinstance(size, bool) and size > 0:
        return size
    if isinstance(size, str) and re.fullmatch("(?:[1-9][0-9]?|100)%", size):
        return size
    fix = 'write a number of hosts from 1 on, or a share of them from "1%" to "100%"'
    raise refuse(f"{quoted(str(size))} is not a batch size", fix)


class Rollout(ConfigModel):
    """The key ``rollout`` of host data; it applies to all hosts of a run."""

    canary: Annotated[Whole, Field(ge=0)] = 1
    """Hosts that are deployed to first; unless all succeed, the rollout stops."""
    batch_size: Annotated[Any, AfterValidator(some_hosts)] = 1
    """Hosts that are deployed to at once after the canaries: a number, or a share such as 25%."""
    pause: Annotated[Whole, Field(ge=0, le=86400)] = 0
    """Seconds between one batch and the next."""
    max_failures: Annotated[Whole, Field(ge=0)] = 0
    """Failed hosts after which the rollout still goes on; a failed canary always stops it."""
    unreachable: Annotated[
        Text, TextPattern("stop|skip", "is neither stop nor skip", 'write "stop" or "skip"')
    ] = "stop"
    """Count a host that can't be reached as failed (stop), or pass it over (skip)."""


class RolloutData(ConfigModel):
    """The part of host data that ``rollout`` is."""

    rollout: Rollout
