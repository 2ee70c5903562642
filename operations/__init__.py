"""One kind of resource, one phase, one file: what is wanted, the look, the diff, the fix."""

from operations import (
    accounts,
    checks,
    configs,
    files,
    fronts,
    guards,
    hooks,
    hosts,
    packages,
    programs,
    releases,
    services,
    units,
    venvs,
)

PHASES = (
    hosts.KIND,
    packages.KIND,
    programs.KIND,
    accounts.KIND,
    guards.KIND,
    files.KIND,
    venvs.KIND,
    releases.KIND,
    configs.KIND,
    checks.KIND,
    units.KIND,
    fronts.KIND,
    hooks.KIND,
    services.KIND,
)
"""The order in which a host is changed: the same on every host, whatever it has."""
