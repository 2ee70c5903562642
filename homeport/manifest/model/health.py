"""Whether a process is well: what it is asked, how often, and what follows from bad answers."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    model_validator,
)

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.host_name import HostName
from homeport.manifest.types.issues import refuse
from homeport.manifest.types.one_of import form, one_of
from homeport.manifest.types.text import Line, Seconds, UrlPath, Whole

INTERVAL = 30
"""Seconds from one check of a process to the next, unless its health says otherwise."""


def watcher(name: str) -> str:
    """Return the name of the units of a process's watch, without their suffix."""
    return f"{name}-health"


class Path(RootModel[UrlPath]):
    """A path alone: any answer with status 200 is a good one."""

    model_config = ConfigDict(frozen=True)

    @property
    def path(self) -> str:
        """The path, as written."""
        return self.root

    @property
    def expect_body(self) -> None:
        """None: the answer may have any body."""


class Page(ConfigModel):
    """A path, and a text that its answer must hold."""

    path: UrlPath
    """Path to request; the answer's status must be 200."""
    expect_body: Line | None = None
    """Text that must occur in the body of the answer."""


FORMS = "write a path such as /health/live, or {path: /health/live, expect_body: TEXT}"
Endpoint: TypeAlias = Annotated[
    Annotated[Path, Tag("text")] | Annotated[Page, Tag("path")],
    Discriminator(form),
    BeforeValidator(one_of("path", text=True, fix=FORMS)),
]


class Health(ConfigModel):
    """The health checks of a process: paths, times and thresholds."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["live"]}, {"required": ["ready"]}]}
    )

    live: Endpoint | None = None
    """Path that answers 200 as long as the process needs no restart; requested at each interval."""
    ready: Endpoint | None = None
    """Path that answers 200 once the process can take requests; requested during a deploy."""
    host: HostName | None = None
    """Host name that checks ask by; without it the first of proxy.server_names, or localhost."""
    scheme: Literal["http", "https"] | None = None
    """Scheme that checks name in X-Forwarded-Proto; without it that of the proxy."""
    interval: Seconds = INTERVAL
    """Seconds from one check to the next."""
    timeout: Annotated[Whole, Field(ge=1, le=300)] = 5
    """Seconds until an answer that isn't complete counts as a failure."""
    failure_threshold: Annotated[Whole, Field(ge=1, le=100)] = 3
    """Failed checks in a row after which the process is restarted."""
    max_restarts_per_hour: Annotated[Whole, Field(ge=0, le=8)] = 3
    """Restarts by failed checks within an hour; after them the process is reported instead."""
    success_threshold: Annotated[Whole, Field(ge=1, le=100)] = 1
    """Successful checks in a row after which a started process counts as ready."""
    start_period: Annotated[Whole, Field(ge=1, le=3600)] = 90
    """Seconds that a process may take from its start to its first successful check."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if self.live is None and self.ready is None:
            raise refuse("nothing is asked", "add live or ready, or remove health")
        return self
