"""pyinfra reads this first: what app.yml and group_data say is judged before it connects."""

import sys

if any(argument.endswith("deploy.py") for argument in sys.argv):
    from deploys.host import describe_host
    from homeport.early import before_connecting

    before_connecting(lambda host: describe_host(host.data, host.name))
