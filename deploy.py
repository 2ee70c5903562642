"""A deploy: describe, probe once, and converge phase by phase."""

from pyinfra import host, local

local.include("./homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import lifecycle
from homeport.description.host import describe_host
from homeport.engine.run import start_run
from homeport.operations import (
    PHASES,
    config_files,
    executables,
    files,
    git_hooks,
    hostctl,
    packages,
    platform,
    proxy,
    release_check,
    releases,
    services,
    units,
    users,
    venvs,
)

start_run(PHASES, describe_host(host.data, host.name))

platform.converge(name="Platform")
lifecycle.begin(name="Begin")

packages.converge(name="Packages")
executables.converge(name="Executables")
users.converge(name="Users")
hostctl.converge(name="Hostctl")
files.converge(name="Files")
venvs.converge(name="Virtual environments")
releases.converge(name="Releases")
config_files.converge(name="Config files")
release_check.converge(name="Release check")
units.converge(name="Units")
proxy.converge(name="Proxy")
git_hooks.converge(name="Git hooks")
services.converge(name="Services")
lifecycle.confirm(name="Confirm")
