"""The proxy: nginx runs the sites that are described, with the certificates that are.

Whether it does is observed: each site answers the host itself with its digest. A
change that nginx doesn't come to run is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

from homeport.engine.kind import (
    NOTHING,
    Because,
    Change,
    DesiredState,
    Kind,
    PendingTargets,
    Plan,
    PreconditionError,
    Reason,
    Target,
    when_changed,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.operations.packages import resources as packages
from homeport.operations.proxy import certificates, sandbox
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.probe import ProxyState, parse, probe
from homeport.operations.proxy.resources import (
    CLAIM,
    DEFAULT_SITE,
    NAME,
    UNIT,
    ProxyPayload,
    ProxyReload,
    Sandbox,
    Site,
    entries,
)

PACKAGE = "nginx"


ASKS = "curl"
"""What the probe asks nginx by. Where it is still to be installed, the probe after that knows."""


UP = ("active", "reloading", "activating")


class Why(Reason):
    """The reasons why nginx is to read its files anew, or to start."""

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
    if description.of(Sandbox):
        changes += sandbox.diff(actual.sandbox)
    elif not sites:
        changes += sandbox.leaving(actual.sandbox, actual.files.ledger)
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
    _refuse_taken(description.of(Site), actual)
    got = {path for c in description.of(Certificate) for path in (c.certificate, c.key)}
    if lacking := [path for path in actual.missing if path not in got]:
        raise PreconditionError(
            f"there is no {' and no '.join(lacking)} on the host; put it there, then deploy again"
        )


def _refuse_taken(sites: Sequence[Site], actual: ProxyState) -> None:
    ports = {site.port for site in sites}
    for port, pid, program, unit in actual.taken:
        if unit == UNIT:
            continue
        who = f"{program or 'a program'} (pid {pid or 'unknown'}{f', {unit}' if unit else ''})"
        taken = f"port {port} is taken: {who} listens there"
        if port in ports:
            raise PreconditionError(
                f"{taken}, and the proxy is to; "
                "stop it, or give the proxy another port (proxy.port)"
            )
        if actual.default_site:
            raise PreconditionError(
                f"{taken}, and nginx can't start while Debian's own site wants it; run `apt-get "
                f"install -y nginx; rm {DEFAULT_SITE}` there, then deploy again"
            )


def check_plan(description: DesiredState, actual: ProxyState, plan: Plan) -> Sequence[str]:
    """Return why nginx has no sandbox, where it has none and gets none."""
    return sandbox.notes(actual.sandbox) if description.of(Sandbox) else ()


KIND = Kind(
    NAME,
    probe,
    parse,
    diff,
    when_changed("homeport.operations.proxy.apply"),
    check_plan=check_plan,
)


converge = operation_for(KIND)
"""Have nginx stand before the application as described."""
