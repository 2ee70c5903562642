"""The phases of a bare host; apart from those of a deploy, which need none of it."""

from homeport.operations import files, packages, platform
from homeport.operations.bootstrap import (
    admin_users,
    host_keys,
    hostname,
    readers,
    root_mount,
    ssh_sessions,
    sshd_logins,
    system_services,
    timezone,
    zram,
)

BOOTSTRAP = (
    platform.KIND,
    host_keys.KIND,
    packages.KIND,
    admin_users.KIND,
    readers.KIND,
    files.KIND,
    sshd_logins.KIND,
    ssh_sessions.KIND,
    hostname.KIND,
    timezone.KIND,
    system_services.KIND,
    root_mount.KIND,
    zram.KIND,
)
"""The order in which a bare host is made ready: who may log in first, comfort last."""
