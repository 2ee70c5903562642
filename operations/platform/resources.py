"""The host itself, as it is described."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HostPlatform:
    """The platform of a host, by its group_data."""

    architecture: str
    debian: str


@dataclass(frozen=True)
class LocalPlatform:
    """The user's own machine: it gets no packages, so it must have what is needed.

    ``interpreter`` and ``git`` are where they were found, empty if they weren't; ``git`` is None
    if there is no need of it.
    """

    python: str
    interpreter: str
    packages: tuple[str, ...] = ()
    git: str | None = None
