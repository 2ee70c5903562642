"""What a bare host goes through; apart from the phases of a deploy, which need none of it."""

from homeport.operations import files, packages
from homeport.operations.bootstrap import admin_users as operators
from homeport.operations.bootstrap import host_keys as hostkeys
from homeport.operations.bootstrap import hostname as hostnames
from homeport.operations.bootstrap import root_mount as mounts
from homeport.operations.bootstrap import sshd_logins as logins
from homeport.operations.bootstrap import system_services as daemons
from homeport.operations.bootstrap import timezone as timezones
from homeport.operations.bootstrap import zram as swaps
from homeport.operations.platform import kind as hosts

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
