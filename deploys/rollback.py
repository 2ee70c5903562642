"""Go back to the release before, or to `--data release=NAME`; `--data force=yes` if it is bad.

It gets the secrets of today; with `--data old_secrets=yes` those of then.
"""

from pyinfra import host, local

local.include("./../homeport/pyinfra_adapter/in_project.py")

from homeport.deployment import rollback
from homeport.description.by_name import goal_of, layout_of
from homeport.engine.run import start_run

layout = layout_of(host.data, host.name)
start_run(rollback.KINDS, rollback.described(layout.app, layout.current, goal_of()))
rollback.converge(name="Rollback")
