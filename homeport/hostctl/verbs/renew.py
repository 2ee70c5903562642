"""The renewal of a deploy: its controller is alive, while phases take their time.

It waits for no process at work: an activation may take an hour, and be well.
"""

from __future__ import annotations

from ..system.exit_codes import DONE, PreconditionFailed
from ..transaction.states import ENDS
from .context import Context


def renew(host: Context, args: list[str]) -> int:
    """Renew a deploy, whose time counts anew: the verb ``renew APP ID``.

    Returns DONE. Raises PreconditionFailed if that deploy isn't open.
    """
    place, deploy_id = host.place(args[0]), args[1]
    journal = host.journal(place)
    if journal is None or journal.id != deploy_id or journal.state in ENDS:
        raise PreconditionFailed(f"deploy {deploy_id} of {place.app} isn't open")
    journal.renew()
    return DONE
