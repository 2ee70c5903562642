"""Deploy to many hosts, a batch at a time.

`python -m homeport.rollout inventories/pi.py [pyinfra options]`

Canaries come first. Each batch is a run of pyinfra, since one run takes all its hosts through each
step together. A failure stops the rest; a table at the end shows each host's release.

Exit codes: 0 if every host is done, 1 if one isn't, 2 if nothing was begun.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable

from homeport.errors import UserError
from homeport.manifest import Rollout
from homeport.pyinfra_adapter.output import print_plainly
from homeport.rollout import messages
from homeport.rollout.arguments import Arguments
from homeport.rollout.batches import Batch, Stop, batches, following
from homeport.rollout.fleet import Fleet, RolloutAborted, discover
from homeport.rollout.policy import merge_policies

USAGE = "usage: python -m homeport.rollout INVENTORY [options of pyinfra]"


def main(arguments: list[str]) -> int:
    """Roll out, or show what would change; return the exit code (see the module)."""
    if not arguments or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        fleet = discover(Arguments(arguments[0], tuple(arguments[1:])))
        policy = merge_policies(fleet.rollouts) or Rollout()
    except (UserError, RolloutAborted) as reason:
        say([str(reason)])
        return 2
    say(messages.course(batches(fleet.names, policy)))
    return fleet.dry() if fleet.call.dry else roll_out(fleet, policy)


def roll_out(fleet: Fleet, policy: Rollout) -> int:
    """Deploy batch by batch until all hosts are done or a failure stops it.

    Return the exit code: 0 if every host is done, else 1.
    """
    step: Batch | Stop | None = None
    interrupted = False
    try:
        while isinstance(step := following(fleet.names, policy, fleet.outcomes), Batch):
            if fleet.outcomes and policy.pause:
                say([f"--> {policy.pause} s until the next batch"])
                time.sleep(policy.pause)
            say([messages.turn(step)])
            fleet.deploy(step)
    except KeyboardInterrupt:
        interrupted, step = True, None
    say([messages.end(step, fleet.outcomes, interrupted=interrupted)])
    say(messages.status_table(fleet.names, fleet.outcomes, fleet.statuses()))
    return 0 if fleet.done else 1


def say(lines: Iterable[str]) -> None:
    """Print lines to stderr, where pyinfra prints its own."""
    for line in lines:
        print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print_plainly()
    sys.exit(main(sys.argv[1:]))
