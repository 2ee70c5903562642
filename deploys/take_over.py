"""Takes these hosts over from an earlier homeport, while their applications serve on."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment.take_over import take_over
from homeport.description.by_name import layout_of, read_options

layout_of(host.data, host.name)
read_options()
take_over(name="Take over")
