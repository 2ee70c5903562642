"""The deploys of each host, newest last; `--data lines=5` shows the last five."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment.history import HistoryQuery
from homeport.deployment.reports import KINDS, print_history
from homeport.description.by_name import layout_of, lines_of
from homeport.engine.kind import DesiredState
from homeport.engine.run import start_run

layout = layout_of(host.data, host.name)
wanted = HistoryQuery(layout.app, layout.current, lines_of())
start_run(KINDS, DesiredState(layout.app, (wanted,)))
print_history()
