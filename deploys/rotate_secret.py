"""Replace one secret by what app.yml says of it now: `--data secret=NAME`."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import rotation
from homeport.description.by_name import layout_of, secret_of
from homeport.engine.run import start_run

layout = layout_of(host.data, host.name)
secret, value = secret_of(host.data, host.name)
start_run(rotation.KINDS, rotation.described(layout.app, secret, value))
rotation.converge(name="Rotate secret")
