"""Lock hosts: `--data reason="no deploys on Friday"`, with `--data for=2d` for two days."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import deploy_lock
from homeport.description.by_name import layout_of, lock_of

layout_of(host.data, host.name)
reason, lasting = lock_of()
deploy_lock.lock(reason=reason, lasting=lasting, name="Lock")
