"""The deploy files: what each needs to know before a host is called, and whether it changes one.

What the checks need is imported when they run: other commands, such as exec, have no need of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra.api.host import Host

from homeport.pyinfra_adapter.install import DeployFile, Need

ROLLBACK, LOCK, UNLOCK = "deploys/rollback.py", "deploys/lock.py", "deploys/unlock.py"
HISTORY, TAKE_OVER = "deploys/history.py", "deploys/take_over.py"
ROTATION = "deploys/rotate_secret.py"

IMPORTS = (
    "pydantic",
    "homeport.manifest.types.text",
    "homeport.manifest.model.process",
    "homeport.manifest",
    "homeport.artifacts",
    "jinja2",
    "homeport.files.install",
    "homeport.engine.run",
    "homeport.operations.packages",
    "homeport.operations.venvs.kind",
    "homeport.operations",
    "homeport.description.host",
)
"""What describing a host imports, those first that others need."""


def _describe(files: Sequence[str], host: Host) -> None:
    from homeport.description.host import describe_host

    describe_host(host.data, host.name)


def _judge_by_name(files: Sequence[str], host: Host) -> None:
    from homeport.description import by_name

    options = {
        ROLLBACK: by_name.goal_of,
        LOCK: by_name.lock_of,
        UNLOCK: by_name.read_options,
        TAKE_OVER: by_name.read_options,
        HISTORY: by_name.lines_of,
        ROTATION: lambda: by_name.secret_name_of(host.data, host.name),
    }
    by_name.judge([options[file] for file in files if file in options], host.data, host.name)


def _enter_by_first_login(files: Sequence[str], host: Host) -> None:
    from homeport.description.bootstrap import enter_by_first_login

    enter_by_first_login(host)


def _refuse_all_at_once(host: Host) -> None:
    from homeport.rollout.guard import require_rollout

    require_rollout(host)


DESCRIPTION = Need(_describe, IMPORTS)
"""All that app.yml describes."""
NAME = Need(_judge_by_name, IMPORTS)
"""No more of the application than its name, and what ``--data`` asks for."""
FIRST_LOGIN = Need(_enter_by_first_login, connects_early=False)
"""The way into a host that may not know us yet."""

DEPLOY_FILES = (
    DeployFile("deploy.py", DESCRIPTION, gate=_refuse_all_at_once),
    DeployFile("deploys/verify_deps.py", DESCRIPTION, changes=False),
    DeployFile(ROLLBACK, NAME),
    DeployFile(LOCK, NAME),
    DeployFile(UNLOCK, NAME),
    DeployFile(ROTATION, NAME),
    DeployFile(TAKE_OVER, NAME),
    DeployFile(HISTORY, NAME, changes=False),
    DeployFile("deploys/status.py", NAME, changes=False),
    DeployFile("deploys/bootstrap.py", FIRST_LOGIN),
)
