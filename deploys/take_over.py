"""Takes these hosts over from an earlier homeport, while their applications serve on."""

from pyinfra import host, local

local.include("./in_project.py")

from homeport.deployment.take_over import take_over
from homeport.description.by_name import asked, layout_of

layout_of(host.data, host.name)
asked()
take_over(name="Take over")
