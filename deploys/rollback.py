"""Go back to the release before, or to `--data release=NAME`; `--data force=yes` if it is bad."""

from pyinfra import host, local

local.include("./in_project.py")

from homeport.deployment import rollback as going_back
from homeport.description.by_name import goal_of, layout_of
from homeport.engine.run import start_run

layout = layout_of(host.data, host.name)
start_run(going_back.LOOKED_AT, going_back.described(layout.app, layout.current, goal_of()))
going_back.converge(name="Rollback")
