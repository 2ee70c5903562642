"""pyinfra reads this first: what app.yml and group_data say is judged before it connects."""

import sys

DESCRIBING = ("deploy.py", "verify_deps.py")

if called := [argument for argument in sys.argv if argument.endswith(DESCRIBING)]:
    from deploys.host import describe_host
    from homeport.early import before_connecting
    from homeport.invocation import without_asking

    before_connecting(lambda host: describe_host(host.data, host.name))
    if all(argument.endswith("verify_deps.py") for argument in called):
        without_asking()
