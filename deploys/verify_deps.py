"""The installed packages, against the lock: described and probed, reported, and never changed."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment.verify_deps import KINDS, verify
from homeport.description.host import describe_host
from homeport.engine.run import start_run

start_run(KINDS, describe_host(host.data, host.name))
verify()
