"""The change of sites: tried, put in place, run by nginx, proven; certificates are got between."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    Change,
    Commands,
    DesiredState,
    of_payload,
    payloads,
)
from homeport.files import managed_set
from homeport.files.entries import PathEntry
from homeport.operations.proxy import certificates, nginx, sandbox
from homeport.operations.proxy.certificates import Certificate, RenewalStop
from homeport.operations.proxy.probe import ProxyState
from homeport.operations.proxy.resources import (
    NAME,
    ProxyPayload,
    ProxyReload,
    Sandbox,
    SandboxRemoval,
    Site,
)


def apply(
    description: DesiredState, actual: ProxyState, changes: Sequence[Change[ProxyPayload]]
) -> Commands:
    """Yield the commands that try the files, put them in place and have nginx run them.

    Where there is to be a certificate first, what leads to HTTPS goes first, and it is got by that.
    """
    app, snapshot_context, sites = (
        description.app,
        description.snapshot_context,
        description.of(Site),
    )
    wanted, turns = payloads(changes, Certificate), payloads(changes, ProxyReload)
    own = of_payload(changes, PathEntry)
    if payloads(changes, Sandbox):
        yield sandbox.put()
    enable = any(turn.enable for turn in turns)
    if wanted:
        later = [site for site in sites if site.certificate]
        last = {site.path for site in later}
        early = [site for site in sites if site not in later]
        yield from nginx.run(
            description, early, [c for c in own if c.target.name not in last], enable
        )
        own = [change for change in own if change.target.name in last]
        for certificate in wanted:
            shell = certificates.obtain(
                app, certificate, snapshot_context, anew=bool(actual.renewal)
            )
            yield StringCommand(f"set -eu\n{shell}")
    if turns or wanted:
        yield from nginx.run(description, sites, own, enable)
    elif own:
        yield from managed_set.apply(app, NAME, own, snapshot_context=snapshot_context)
    if payloads(changes, SandboxRemoval):
        yield sandbox.remove(app, snapshot_context)
    for stop in payloads(changes, RenewalStop):
        yield StringCommand(f"set -eu\n{certificates.stop_renewal(stop.app, snapshot_context)}")
