"""The proxy: nginx runs the sites that are described, with the certificates that are.

Whether it does is observed: each site answers the host itself with its digest. A
change that nginx doesn't come to run is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api.command import StringCommand

from homeport.engine.kind import (
    NOTHING,
    Because,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    Reason,
    Target,
    of_payload,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import PathEntry
from homeport.operations import packages
from homeport.operations.proxy import apply as nginx
from homeport.operations.proxy import certificates
from homeport.operations.proxy.certificates import Certificate, RenewalStop
from homeport.operations.proxy.site import (
    CLAIM,
    NAME,
    UNIT,
    ProxyState,
    Site,
    entries,
    parse,
    probe,
)

PACKAGE = "nginx"
ASKS = "curl"
"""What the probe asks nginx by. Where it is still to be installed, the probe after that knows."""

UP = ("active", "reloading", "activating")


@dataclass(frozen=True)
class ProxyReload:
    """That nginx is to read its files anew, or to start; ``enable`` if it isn't at boot."""

    enable: bool


ProxyPayload = PathEntry | Certificate | RenewalStop | ProxyReload


class Why(Reason):
    """Why nginx is to read its files anew, or to start."""

    ENABLE = "enabled, so that it starts at boot"
    START = "started: it is {}"
    RELOAD = "reads its configuration anew"
    OTHER_ANSWERS = "reads its configuration anew: another one answers"
    OTHER_CERTIFICATE = "reads its configuration anew: it shows another certificate than {}"


def diff(
    description: DesiredState, actual: ProxyState, pending: PendingTargets = NOTHING
) -> list[Change[ProxyPayload]]:
    """Return what differs of the files and certificates, and what nginx must do for that.

    Raises ``PreconditionError`` where a certificate isn't there, or another application has the
    names.
    """
    sites, app = description.of(Site), description.app
    _refuse(description, actual)
    changes: list[Change[ProxyPayload]] = [
        *managed_set.diff(
            app, NAME, entries(description), actual.files, description.snapshot_context
        )
    ]
    files = {change.target.name for change in changes}
    changes += certificates.diff(NAME, app, description.of(Certificate), actual.renewal)
    reasons, state = list[Because](), actual.nginx.get("ActiveState", "")
    enable = actual.nginx.get("UnitFileState", "") not in ("enabled", "") and bool(sites)
    if enable:
        reasons.append(Why.ENABLE())
    if sites and state not in UP and Target(packages.NAME, PACKAGE) not in pending:
        reasons.append(Why.START(state or "not there"))
    elif files & {*actual.files.ledger, *(site.path for site in sites)}:
        reasons.append(Why.RELOAD())
    elif Target(packages.NAME, ASKS) not in pending:
        reasons += _stale(sites, actual)
    if reasons:
        changes.append(Change("change", Target(NAME, UNIT), tuple(reasons), ProxyReload(enable)))
    return changes


def _stale(sites: Sequence[Site], actual: ProxyState) -> list[Because]:
    numbered = [(str(number), site) for number, site in enumerate(sites)]
    if any(actual.answers.get(number) != site.digest for number, site in numbered):
        return [Why.OTHER_ANSWERS()]
    return [
        Why.OTHER_CERTIFICATE(site.certificate)
        for number, site in numbered
        if number in actual.there and actual.shown.get(number) != actual.there[number]
    ]


def _refuse(description: DesiredState, actual: ProxyState) -> None:
    ours = {*actual.files.ledger, *(site.path for site in description.of(Site))}
    for path, claim in actual.claims:
        if path not in ours:
            what = claim.removeprefix(CLAIM).rstrip(".")
            raise PreconditionError(
                f"{path}, of another application, answers to {what} already; "
                "give one of the two other server_names or another port below proxy"
            )
    got = {path for c in description.of(Certificate) for path in (c.certificate, c.key)}
    if lacking := [path for path in actual.missing if path not in got]:
        raise PreconditionError(
            f"there is no {' and no '.join(lacking)} on the host; put it there, then deploy again"
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
    for stop in payloads(changes, RenewalStop):
        yield StringCommand(f"set -eu\n{certificates.stop_renewal(stop.app, snapshot_context)}")


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Have nginx stand before the application as described."""
