"""One kind of resource, one phase, one file: what is wanted, the look, the diff, the fix."""

from operations import (
    accounts,
    configs,
    daemons,
    files,
    hooks,
    hostkeys,
    hostnames,
    hosts,
    logins,
    mounts,
    operators,
    packages,
    programs,
    releases,
    services,
    swaps,
    timezones,
    units,
    venvs,
)

PHASES = (
    hosts.KIND,
    packages.KIND,
    programs.KIND,
    accounts.KIND,
    files.KIND,
    venvs.KIND,
    releases.KIND,
    configs.KIND,
    units.KIND,
    hooks.KIND,
    services.KIND,
)
"""The order in which a host is changed: the same on every host, whatever it has."""

BOOTSTRAP = (
    hosts.KIND,
    hostkeys.KIND,
    packages.KIND,
    operators.KIND,
    files.KIND,
    logins.KIND,
    hostnames.KIND,
    timezones.KIND,
    daemons.KIND,
    mounts.KIND,
    swaps.KIND,
)
"""The order in which a bare host is made ready: who may log in first, comfort last."""
