"""What a bare host goes through; apart from the phases of a deploy, which need none of it."""

from operations import (
    daemons,
    files,
    hostkeys,
    hostnames,
    hosts,
    logins,
    mounts,
    operators,
    packages,
    swaps,
    timezones,
)

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
