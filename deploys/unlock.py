"""Deploys to these hosts again, whoever locked them."""

from pyinfra import host, local

local.include("./in_project.py")

from deploys.named import asked, layout_of
from operations import locking

layout_of(host.data, host.name)
asked()
locking.unlock(name="Unlock")
