"""pyinfra reads this first: app.yml and host data are judged before anything is done on a host."""

import gc
import os

from homeport.pyinfra_adapter.command_line import deploy_files
from homeport.pyinfra_adapter.inventory_errors import install_inventory_checks
from homeport.pyinfra_adapter.shutdown import exit_fast

DEPLOY, BOOTSTRAP = "deploy.py", "deploys/bootstrap.py"
DESCRIBED = (DEPLOY, "deploys/verify_deps.py")
"""The deploys that need all that app.yml describes; other commands, such as exec, do not."""

NAMED = (
    *("deploys/rollback.py", "deploys/lock.py", "deploys/unlock.py"),
    *("deploys/history.py", "deploys/status.py"),
)
"""The deploys that need to know no more of an application than its name."""

ASKING = ("deploys/verify_deps.py", "deploys/history.py", "deploys/status.py")
"""The deploys that change nothing, so that nobody is to be asked."""

NEEDED = (
    *(
        "pydantic",
        "homeport.manifest.types.text",
        "homeport.manifest.model.process",
        "homeport.manifest",
    ),
    *("homeport.artifacts", "jinja2", "homeport.files.install", "homeport.engine.run"),
    *(
        "homeport.operations.packages",
        "homeport.operations.venvs.kind",
        "operations",
        "homeport.description.host",
    ),
)
"""What describing a host imports, in parts: between them, connections go on."""

# Nearly all that a run makes is needed to its end: looking for garbage finds none.
gc.set_threshold(100_000)
install_inventory_checks()
if "HOMEPORT_REPORT" in os.environ:
    from homeport.rollout.report import report_at_the_end

    report_at_the_end()
exit_fast()

given = deploy_files((*DESCRIBED, *NAMED, BOOTSTRAP))
if called := [file for file in given if file in (*DESCRIBED, *NAMED)]:
    from homeport.pyinfra_adapter.command_line import without_asking
    from homeport.pyinfra_adapter.startup import instead_of_connecting, while_connecting
    from homeport.rollout.guard import require_rollout

    def described(host: object) -> object:
        """Describe a host; what is wrong with its description is raised."""
        from homeport.description.host import describe_host

        return describe_host(host.data, host.name)

    def named(host: object) -> object:
        """Find out what the application is called, and what is asked; what is wrong is raised."""
        from homeport.description.by_name import judge

        return judge(called, host.data, host.name)

    check = described if any(file in DESCRIBED for file in called) else named
    if "HOMEPORT_ONLY_CHECK" in os.environ:
        instead_of_connecting(check)
    elif DEPLOY in called:
        while_connecting(check, NEEDED, require_rollout)
    else:
        while_connecting(check, NEEDED)
    if all(file in ASKING for file in given):
        without_asking()

if BOOTSTRAP in given:
    from homeport.description.bootstrap import enter_by_first_login
    from homeport.pyinfra_adapter.startup import before_connecting

    before_connecting(enter_by_first_login)
