"""pyinfra reads this first: what app.yml and host data say is judged before it connects."""

import sys

from homeport.loading import judge_what_is_loaded

DESCRIBED = ("deploy.py", "verify_deps.py")
"""The deploys that need all that app.yml describes; other commands, such as exec, do not."""

judge_what_is_loaded()

if called := [argument for argument in sys.argv if argument.endswith(DESCRIBED)]:
    from deploys.host import describe_host
    from homeport.early import before_connecting
    from homeport.invocation import without_asking

    before_connecting(lambda host: describe_host(host.data, host.name))
    if all(argument.endswith("verify_deps.py") for argument in called):
        without_asking()

if any(argument.endswith("bootstrap.py") for argument in sys.argv):
    from deploys.bare import enter_by_first_login
    from homeport.early import before_connecting

    before_connecting(enter_by_first_login)
