"""Replace one secret by what app.yml says of it now: `--data secret=NAME`."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import rotation
from homeport.description.by_name import layout_of, secret_of

layout = layout_of(host.data, host.name)
secret, value = secret_of(host.data, host.name)
rotation.rotate(app=layout.app, secret=secret, value=value, name="Rotate secret")
