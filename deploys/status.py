"""Which release each host has, and how its last deploy ended: a rollout asks at its end."""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment.history import HistoryQuery
from homeport.deployment.reports import KINDS, report_status
from homeport.description.by_name import layout_of
from homeport.engine.kind import DesiredState
from homeport.engine.run import start_run

layout = layout_of(host.data, host.name)
# The host may still be rolling back.
start_run(KINDS, DesiredState(layout.app, (HistoryQuery(layout.app, layout.current, patience=30),)))
report_status()
