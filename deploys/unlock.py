"""Unlocks these hosts, also if another user locked them."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import deploy_lock
from homeport.description.by_name import layout_of, read_options

layout_of(host.data, host.name)
read_options()
deploy_lock.unlock(name="Unlock")
