"""Lock hosts: `--data reason="no deploys on Friday"`, with `--data for=2d` for two days."""

from pyinfra import host, local

local.include("./in_project.py")

from deploys.named import layout_of, lock_of
from operations import locking

layout_of(host.data, host.name)
reason, lasting = lock_of()
locking.lock(reason=reason, lasting=lasting, name="Lock")
