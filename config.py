"""pyinfra reads this first: what app.yml and host data say is judged before it connects."""

import sys

if any(argument.endswith("deploy.py") for argument in sys.argv):
    from deploys.host import describe_host
    from homeport.early import before_connecting

    before_connecting(lambda host: describe_host(host.data))

if any(argument.endswith("bootstrap.py") for argument in sys.argv):
    from deploys.bare import enter_by_first_login
    from homeport.early import before_connecting

    before_connecting(enter_by_first_login)
