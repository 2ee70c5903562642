"""What makes a bare host ready for deploy.py: a login by key, everything else closed, upkeep."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.description.bootstrap import describe_bare
from homeport.engine.run import start_run
from homeport.operations import files, packages
from homeport.operations.bootstrap import BOOTSTRAP
from homeport.operations.bootstrap import admin_users as operators
from homeport.operations.bootstrap import host_keys as hostkeys
from homeport.operations.bootstrap import hostname as hostnames
from homeport.operations.bootstrap import root_mount as mounts
from homeport.operations.bootstrap import sshd_logins as logins
from homeport.operations.bootstrap import system_services as daemons
from homeport.operations.bootstrap import timezone as timezones
from homeport.operations.bootstrap import zram as swaps
from homeport.operations.platform import kind as hosts

start_run(BOOTSTRAP, describe_bare(host.name, host.data.dict()))

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
