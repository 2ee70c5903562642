"""Services and timers: which release is current, what runs, and that it runs what it should.

What runs once runs after the switch and before anything is stopped: if it fails, the link leads
back, and what ran goes on running.

Whether a restart is due is observed: at its start each service records what it really read (the
unit's digest, the files' hashes, the release), bound to its invocation. A deploy that died after
writing and before restarting is therefore mended by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from pyinfra.api import operation
from pyinfra.api.command import StringCommand

from homeport import phase
from homeport.fingerprint import fingerprint
from homeport.resource import NOTHING, Change, Commands, Description, Kind, Upcoming
from operations.observing import Found, State, probe, read
from operations.running import Current, Once, Service

GATE = Path(__file__).with_name("gate.sh").read_text()


@dataclass(frozen=True)
class Work:
    """What is to be done about a service: why it must start anew, and why it must be enabled."""

    service: Service
    start: tuple[str, ...]
    enable: tuple[str, ...]


def diff(description: Description, found: Found, upcoming: Upcoming = NOTHING) -> list[Change]:
    """Return the switch of ``current``, and what each unit lacks to run what is described."""
    changes = [change for c in description.of(Current) if (change := _switching(c, found))]
    changes += [
        Change("add", once.unit, f"runs once: {once.command}", wanted=once)
        for once in description.of(Once)
        if once.record not in found.done
    ]
    for service in description.of(Service):
        start, enable = _start(service, found, upcoming), _enable(service, found)
        work = Work(service, tuple(start), tuple(enable))
        if reasons := (*work.enable, *work.start):
            changes.append(Change("change", service.unit, "; ".join(reasons), wanted=work))
    return changes


def _switching(current: Current, found: Found) -> Change | None:
    before = found.links.get(current.path)
    if before == current.release:
        return None
    reason = f"switches to {_name(current.release)}"
    if before is None:
        return Change("add", current.path, f"{reason}; first {current.what}", wanted=current)
    return Change("change", current.path, f"{reason}; was {_name(before)}", wanted=current)


def _enable(service: Service, found: Found) -> Iterator[str]:
    state = found.states.get(service.unit)
    if state is None or state.properties["UnitFileState"] != "enabled":
        yield "enabled, so that it starts at boot"


def _start(service: Service, found: Found, upcoming: Upcoming) -> Iterator[str]:
    state = found.states.get(service.unit)
    if state is None or state.properties["ActiveState"] != "active":
        yield f"started: it is {state.properties['ActiveState'] if state else 'not there'}"
    elif service.digest:
        yield from (f"restarted: {reason}" for reason in _stale(service, state, found, upcoming))


def _stale(service: Service, state: State, found: Found, upcoming: Upcoming) -> Iterator[str]:
    if f"invocation {state.properties['InvocationID']}" not in state.record:
        yield "what it read at its start is not known"
        return
    if f"unit {service.digest}" not in state.record:
        yield "it runs from an older unit file"
    if any(entry.startswith("dropin ") for entry in state.record):
        yield "it runs with a drop-in that nobody describes"
    if service.current is not None:
        yield from _stale_release(service.current, state, found, upcoming)
    for file in service.reads:
        digest = fingerprint(found.key, file.sha256) if file.secret else file.sha256
        if f"sha256 {digest} {file.path}" not in state.record:
            yield f"it read another {file.path}"


def _stale_release(
    current: Current, state: State, found: Found, upcoming: Upcoming
) -> Iterator[str]:
    if f"target {current.release} {current.path}" not in state.record:
        yield "it runs another release"
        return
    for link, place in current.followed.items():
        anew = place in upcoming or f"inode {found.inodes.get(place)} {link}" not in state.record
        if anew:
            yield f"{place} is built anew"


def fix(description: Description, found: Found, changes: Sequence[Change]) -> Commands:
    """Yield the one command that stops, switches, starts, and waits until all are ready.

    What is still to run once runs first, with the new release, and is waited for.
    """
    works = [change.wanted for change in changes if isinstance(change.wanted, Work)]
    starting = [work.service for work in works if work.start]
    enabling = [work.service for work in works if work.enable]
    links = [change.wanted for change in changes if isinstance(change.wanted, Current)]
    first = [change.wanted for change in changes if isinstance(change.wanted, Once)]
    lines = ["set -u", GATE]
    if starting and not first:
        lines += _stop(starting)
    for link in links:
        lines += _follow(link.path, link.release)
    if first:
        lines += _initialise(first, links, found)
        lines += _stop(starting) if starting else []
    if enabling:
        lines.append(f"systemctl enable --quiet {_units(enabling)} || exit 1")
    if starting:
        lines += _begin(starting)
    yield StringCommand("\n".join(lines))


def _stop(services: Sequence[Service]) -> list[str]:
    units = _units(services)
    # A unit that never ran has no failures to forget, and systemctl calls that an error.
    return [
        f"systemctl stop {units} || exit 1",
        f"systemctl reset-failed {units} 2>/dev/null || true",
    ]


def _follow(link: str, release: str) -> list[str]:
    path, beside = quote(link), quote(f"{link}.homeport-new")
    return [
        f"ln -sfn {quote(release)} {beside} && mv -fT {beside} {path} || exit 1",
        f"sync {quote(link.rpartition('/')[0])}",
    ]


def _initialise(first: Sequence[Once], links: Sequence[Current], found: Found) -> list[str]:
    back = []
    for link in links:
        before = found.links.get(link.path)
        back += _follow(link.path, before) if before else [f"rm -f {quote(link.path)}"]
    return [
        "\n".join(["back() {", *(back or [":"]), "}"]),
        *(f"once {quote(each.unit)} {quote(each.record)} || {{ back; exit 1; }}" for each in first),
    ]


def _begin(services: Sequence[Service]) -> list[str]:
    units = _units(services)
    waits = [
        f"ready {service.deadline} {quote(service.unit)} {' '.join(map(quote, service.ready))}"
        for service in services
        if service.ready
    ]
    # A process that dies right after its start is "active" for a moment.
    return [f"systemctl start {units} || report {units}", *waits, "sleep 1", f"steady {units}"]


def _units(services: Sequence[Service]) -> str:
    return " ".join(quote(service.unit) for service in services)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


KIND = Kind("services", probe, read, diff, fix)


@operation()
def converge() -> Commands:
    """Switch to the described release, and have every service run what it should."""
    yield from phase.converge(KIND)
