"""Say how what is installed differs from the lock, and change nothing.

It is done while pyinfra loads the deploy file, and not by an operation: an operation of a dry run
with ``-y`` is never called, and would report nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pyinfra import logger

from homeport.engine.host_failure import FAILURES
from homeport.engine.phase import exclude_host
from homeport.engine.run import host_run
from homeport.hostctl.plain_text import harmless
from homeport.operations import platform
from homeport.operations.venvs import kind as venvs
from homeport.operations.venvs.drift import Drift
from homeport.operations.venvs.resources import Venv
from homeport.pyinfra_adapter.command_line import deploy_command

# Nothing is built, so nothing is fetched to build it.
VENVS = replace(venvs.KIND, prepare=None)
KINDS = (platform.KIND, VENVS)
SHOWN = 50


def verify() -> None:
    """Report on every venv of the host whose turn it is; the host fails if one has drifted."""
    current = host_run()
    try:
        current.plan(platform.KIND)
        found, _ = current.plan(VENVS)
    except FAILURES as reason:
        exclude_host(current, str(reason))
        return
    wrong = 0
    for venv in current.description.of(Venv):
        drifts = venvs.drifts_of(venv, found)
        wrong += len(drifts)
        for line in report(venv, drifts, current.host.name):
            logger.info(f"{current.host.print_prefix}{harmless(line)}")
    if wrong:
        exclude_host(current, f"differs from the lock: {_count(wrong, 'finding')}")


def report(venv: Venv, drifts: Sequence[Drift], host: str) -> Iterator[str]:
    """Yield a line for each finding, with the command that fixes it, or one that all is well."""
    if not drifts:
        deep = "" if venv.contents is None else ", byte for byte"
        count = _count(len(venv.lock.requirements), "package")
        yield f"{venv.path}  matches the lock{deep} ({count})"
        return
    # What only `verify_files` finds, only `verify_files` fixes.
    options = ["--data", "verify_files=yes"] if all(drift.file_level for drift in drifts) else []
    fix = deploy_command("deploy.py", host, *options)
    for drift in drifts[:SHOWN]:
        yield f"{venv.path}  {drift}. Fix: {fix}"
    if more := drifts[SHOWN:]:
        yield f"{venv.path}  and {_count(len(more), 'finding')} more. Fix: {fix}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
