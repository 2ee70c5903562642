"""Kinds of resources, and PHASES, their order: each with its probe, diff and apply."""

if __name__ != "homeport.operations":
    # Under another name each kind would be another class, match nothing, and plan nothing.
    raise ImportError(f"import homeport.operations, not {__name__}: a kind has one name alone")

from homeport.operations import (
    config_files,
    executables,
    files,
    git_hooks,
    hostctl,
    packages,
    platform,
    proxy,
    release_check,
    releases,
    services,
    units,
    users,
    venvs,
)

PHASES = (
    platform.KIND,
    packages.KIND,
    executables.KIND,
    users.KIND,
    hostctl.KIND,
    files.KIND,
    venvs.KIND,
    releases.KIND,
    config_files.KIND,
    release_check.KIND,
    units.KIND,
    proxy.KIND,
    git_hooks.KIND,
    services.KIND,
)
"""The order in which a host is changed: the same on every host, whatever it has."""
