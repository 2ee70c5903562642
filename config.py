"""pyinfra reads this first: what app.yml and group_data say is judged before it connects."""

import sys

from homeport.inventory import judge_what_is_loaded

DESCRIBED = ("deploy.py", "verify_deps.py")
"""The deploys that need all that app.yml describes; other commands, such as exec, do not."""

judge_what_is_loaded()

if any(argument.endswith(DESCRIBED) for argument in sys.argv):
    from deploys.host import describe_host
    from homeport.early import before_connecting

    before_connecting(lambda host: describe_host(host.data))
