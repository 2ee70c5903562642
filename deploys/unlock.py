"""Deploys to these hosts again, whoever locked them."""

from pyinfra import host

from deploys.named import asked, layout_of
from operations import locking

layout_of(host.data, host.name)
asked()
locking.unlock(name="Unlock")
