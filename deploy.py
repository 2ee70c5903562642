"""What a deploy is: describe, look once, and converge phase by phase."""

from pyinfra import host, local

local.include("./deploys/in_project.py")

from deploys.host import describe_host
from homeport.session import begin
from operations import (
    PHASES,
    accounts,
    checks,
    configs,
    deploying,
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

begin(PHASES, describe_host(host.data, host.name))

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
