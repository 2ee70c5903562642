"""Which release each host has, and how its last deploy ended: asked by rollout.py at its end."""

from pyinfra import host, local

local.include("./in_project.py")

from deploys.named import layout_of
from homeport.resource import Description
from homeport.session import begin
from operations.history import History
from operations.telling import LOOKED_AT, report_standing

layout = layout_of(host.data, host.name)
# A host that was cut off may be on its way back just now.
begin(LOOKED_AT, Description(layout.app, (History(layout.app, layout.current, patience=30),)))
report_standing()
