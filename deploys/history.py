"""What was deployed to each host, newest last; `--data lines=5` shows the last five."""

from pyinfra import host, local

local.include("./in_project.py")

from deploys.named import layout_of, lines_of
from homeport.resource import Description
from homeport.session import begin
from operations.history import History
from operations.telling import LOOKED_AT, tell_history

layout = layout_of(host.data, host.name)
wanted = History(layout.app, layout.current, lines_of())
begin(LOOKED_AT, Description(layout.app, (wanted,)))
tell_history()
