"""What makes a bare host ready for deploy.py: a login by key, everything else closed, upkeep."""

from pyinfra import host, local

local.include("./deploys/in_project.py")

from deploys.bare import describe_bare
from homeport.session import begin
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
from operations.bootstrap import BOOTSTRAP

begin(BOOTSTRAP, describe_bare(host.name, host.data.dict()))

hosts.converge(name="Host")
hostkeys.converge(name="Host keys")
packages.converge(name="Packages")
operators.converge(name="Operators")
files.converge(name="Files")
logins.converge(name="Logins")
hostnames.converge(name="Host name")
timezones.converge(name="Time zone")
daemons.converge(name="Daemons")
mounts.converge(name="Mounts")
swaps.converge(name="Swap")
