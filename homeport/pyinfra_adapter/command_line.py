"""The command line of pyinfra: what of it is to be repeated, and what isn't to be asked.

pyinfra's command line patches the standard library when it is imported, so this does it only
where that has happened anyway.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from os.path import relpath
from pathlib import Path
from shlex import quote
from typing import Any


def deploy_command(deploy: str, host: str, *options: str) -> str:
    """Return the command that runs a deploy file on one host of the inventory that was given."""
    inventory = _called().get("inventory") or "INVENTORY"
    words = ["pyinfra", inventory, deploy, "--limit", host, *options]
    return " ".join(quote(word) for word in words)


def rollout_command() -> str:
    """Return the command that deploys, a batch at a time, to the hosts that were chosen."""
    called = _called()
    chosen = [f"--{name}={value}" for name in ("limit", "exclude") for value in called[name]]
    yes = ["-y"] if called["yes"] else []
    words = ["python", "-m", "homeport.rollout", called["inventory"], *chosen, *yes]
    return " ".join(quote(word) for word in words)


def data_options() -> dict[str, str]:
    """Return what ``--data`` says, as it was typed: 012 is no number here."""
    pairs = (pair.partition("=") for pair in _called()["data"])
    return {name: value for name, _, value in pairs}


def deploy_files(known: Iterable[str]) -> list[str]:
    """Return what this run is to do, each file of the project by its name there, or a command.

    + known: names of files of the project, relative to it; all others are returned as they were
      given, also those that are only called alike
    """
    paths = list(_called()["operations"])
    if not all(path.endswith(".py") for path in paths):
        # pyinfra takes it for a command and its arguments: `exec -- cat deploy.py`.
        return paths[:1]
    named = {Path(name).resolve(): name for name in known}
    return [named.get(_resolved(path), path) for path in paths]


def _resolved(path: str) -> Path:
    # pyinfra has gone there by now, and takes a path that begins so as one from before.
    there = _called()["chdir"]
    return Path(relpath(path, there) if there and path.startswith(there) else path).resolve()


def is_dry() -> bool:
    """Return whether this run changes nothing."""
    return bool(_called()["dry"])


def _called() -> dict[str, Any]:
    return _parsed(*sys.argv[1:])


@cache
def _parsed(*arguments: str) -> dict[str, Any]:
    from pyinfra_cli.cli import cli

    return dict(cli.make_context("pyinfra", list(arguments), resilient_parsing=True).params)
