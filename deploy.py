"""What a deploy is: describe, look once, and converge phase by phase."""

from pyinfra import host, local

local.include("./homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import lifecycle as deploying
from homeport.description.host import describe_host
from homeport.engine.run import start_run
from homeport.operations import PHASES, files, packages, releases
from homeport.operations import config_files as configs
from homeport.operations import executables as programs
from homeport.operations import git_hooks as hooks
from homeport.operations import release_check as checks
from homeport.operations import users as accounts
from homeport.operations.hostctl import kind as guards
from homeport.operations.platform import kind as hosts
from homeport.operations.proxy import kind as fronts
from homeport.operations.services import kind as services
from homeport.operations.units import kind as units
from homeport.operations.venvs import kind as venvs

start_run(PHASES, describe_host(host.data, host.name))

hosts.converge(name="Host")
packages.converge(name="Packages")
programs.converge(name="Programs")
accounts.converge(name="Accounts")
guards.converge(name="Guard")

deploying.begin(name="Begin")
files.converge(name="Files")
venvs.converge(name="Virtual environments")
releases.converge(name="Releases")
configs.converge(name="Configuration")
checks.converge(name="Checks")
units.converge(name="Units")
fronts.converge(name="Front")
hooks.converge(name="Git hooks")
services.converge(name="Services")
deploying.confirm(name="Confirm")
