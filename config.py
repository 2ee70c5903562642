"""pyinfra reads this first: app.yml and host data are judged before anything is done on a host."""

import gc
import sys

from homeport.leaving import leave_at_once
from homeport.loading import judge_what_is_loaded

DESCRIBED = ("deploy.py", "verify_deps.py")
"""The deploys that need all that app.yml describes; other commands, such as exec, do not."""

NEEDED = (
    *("pydantic", "homeport.manifest.text", "homeport.manifest.process", "homeport.manifest"),
    *("homeport.artifacts", "jinja2", "homeport.delivery", "homeport.session"),
    *("operations.packages", "operations.venvs", "operations", "deploys.host"),
)
"""What describing a host imports, in parts: between them, connections go on."""

# Nearly all that a run makes is needed to its end: looking for garbage finds none.
gc.set_threshold(100_000)
judge_what_is_loaded()
leave_at_once()

if called := [argument for argument in sys.argv if argument.endswith(DESCRIBED)]:
    from homeport.early import while_connecting
    from homeport.invocation import without_asking

    def described(host: object) -> object:
        """Describe a host; what is wrong with its description is raised."""
        from deploys.host import describe_host

        return describe_host(host.data, host.name)

    while_connecting(described, NEEDED)
    if all(argument.endswith("verify_deps.py") for argument in called):
        without_asking()

if any(argument.endswith("bootstrap.py") for argument in sys.argv):
    from deploys.bare import enter_by_first_login
    from homeport.early import before_connecting

    before_connecting(enter_by_first_login)
