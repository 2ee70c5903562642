"""Deploys to these hosts again, whoever locked them."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import deploy_lock as locking
from homeport.description.by_name import asked, layout_of

layout_of(host.data, host.name)
asked()
locking.unlock(name="Unlock")
