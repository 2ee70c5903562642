"""The bootstrap of a bare host for deploy.py: a login by key, everything else closed, upkeep."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.description.bootstrap import describe_bare
from homeport.engine.run import start_run
from homeport.operations import files, packages, platform
from homeport.operations.bootstrap import (
    BOOTSTRAP,
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

start_run(BOOTSTRAP, describe_bare(host.name, host.data.dict()))

platform.converge(name="Platform")
host_keys.converge(name="Host keys")
packages.converge(name="Packages")
admin_users.converge(name="Admin users")
readers.converge(name="Readers")
files.converge(name="Files")
sshd_logins.converge(name="SSH logins")
ssh_sessions.converge(name="SSH sessions")
hostname.converge(name="Hostname")
timezone.converge(name="Timezone")
system_services.converge(name="System services")
root_mount.converge(name="Root mount")
zram.converge(name="Zram")
