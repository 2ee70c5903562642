"""Say what hosts have behind them, and change nothing.

It is done while pyinfra loads the deploy file, and not by an operation: an operation of a dry run
with ``-y`` is never called, and would report nothing.
"""

from __future__ import annotations

from dataclasses import asdict

from pyinfra import logger

from homeport.deployment import history
from homeport.deployment.history import DeployHistory, HistoryQuery
from homeport.engine.host_failure import FAILURES
from homeport.engine.phase import exclude_host
from homeport.engine.run import host_run
from homeport.hostctl.plain_text import harmless
from homeport.rollout.report import say
from homeport.text_table import table

KINDS = (history.KIND,)
ORIGIN = ("when", "who", "what", "commit", "release", "generation")
HEADS = (*ORIGIN, "outcome", "seconds", "reason")


def print_history() -> None:
    """Print the history of the host whose turn it is, newest last."""
    if (past := _past()) is None:
        return
    current = host_run()
    (wanted,) = current.description.of(HistoryQuery)
    rows = [[getattr(deploy, head) for head in HEADS] for deploy in past.deploys[-wanted.lines :]]
    opened = ", a deploy is open" if past.opened else ""
    locked = f", locked by {past.locked}" if past.locked else ""
    now = f"now: {past.release or 'no release'}{opened}{locked}"
    older = [f"{past.dropped} older ones are dropped"] if past.dropped else []
    lines = [*older, *(table(HEADS, rows) if rows else ["no deploys yet"]), now]
    for line in lines:
        logger.info(f"{current.host.print_prefix}{harmless(line)}")


def report_status() -> None:
    """Report which release a host has, and its last deploy, to the user who runs this."""
    if (past := _past()) is None:
        return
    last = asdict(past.deploys[-1]) if past.deploys else {}
    say(host_run().host, {"release": past.release, "open": past.opened, "last": last})


def _past() -> DeployHistory | None:
    current = host_run()
    try:
        found: tuple[DeployHistory, object] = current.plan(history.KIND)
    except FAILURES as reason:
        exclude_host(current, str(reason))
        return None
    return found[0]
