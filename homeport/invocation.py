"""How pyinfra was called: what of that is to be said again, and what isn't to be asked.

pyinfra's command line patches the standard library when it is imported, so this does it only
where that has happened anyway.
"""

from __future__ import annotations

import sys
from shlex import quote


def again(deploy: str, host: str, *options: str) -> str:
    """Return the command that runs a deploy file on one host of the inventory that was given."""
    from pyinfra_cli.cli import cli

    called = cli.make_context("pyinfra", sys.argv[1:], resilient_parsing=True)
    inventory = called.params.get("inventory") or "INVENTORY"
    words = ["pyinfra", inventory, deploy, "--limit", host, *options]
    return " ".join(quote(word) for word in words)


def without_asking() -> None:
    """Have pyinfra go on without its questions: where nothing is changed, none can be refused."""
    from pyinfra_cli import cli

    cli._do_confirm = lambda question: True
