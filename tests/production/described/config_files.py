"""Configuration files: as described, and a secret in one is for root and the service user alone."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.config_files import ConfigFile
from tests.production.described import paths


def question(description: DesiredState) -> str:
    """Return the shell that tells what is at each path, and of a secret only a hash of its own."""
    entries = tuple(config.entry for config in description.of(ConfigFile))
    return paths.question(DesiredState(description.app, entries)) if entries else ":"


def faults(config: ConfigFile, answer: str) -> list[str]:
    """Return what is wrong at a path."""
    return paths.faults(config.entry, answer, reader=config.entry.group)
