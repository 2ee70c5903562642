"""Services and timers: which release is current, what runs, and that it runs what it should.

Whether a restart is due is observed: at its start each service records what it really read (the
unit's digest, the files' hashes, the release), bound to its invocation. A deploy that died after
writing and before restarting is therefore mended by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from pyinfra.api import operation
from pyinfra.api.command import StringCommand

from homeport import phase
from homeport.fingerprint import SHELL, fingerprint
from homeport.resource import (
    NOTHING,
    Answer,
    Change,
    Commands,
    Description,
    Kind,
    Unreadable,
    Upcoming,
)

RECORDS = "/run/homeport"
PROPERTIES = "Id,ActiveState,UnitFileState,InvocationID"


@dataclass(frozen=True)
class Current:
    """The link that names the release which services and timers start from, and its venv."""

    path: str
    release: str
    venv: str

    @property
    def followed(self) -> dict[str, str]:
        """The links that a service follows at its start, and where each should lead it."""
        return {self.path: self.release, f"{self.path}/venv": self.venv}


@dataclass(frozen=True)
class Reads:
    """A file that a service reads when it starts, and the hash that it should have then."""

    path: str
    sha256: str
    secret: bool = False


@dataclass(frozen=True)
class Service:
    """A service or a timer that is enabled and runs.

    + digest: of the unit's text; empty for a timer, which reads nothing that could be stale
    + ready: the arguments of ``curl`` that succeed when the service is ready
    + deadline: seconds that it may take to get there
    """

    unit: str
    digest: str = ""
    reads: tuple[Reads, ...] = ()
    current: Current | None = None
    ready: str | None = None
    deadline: int = 90


@dataclass(frozen=True)
class Work:
    """What is to be done about a service: why it must start anew, and why it must be enabled."""

    service: Service
    start: tuple[str, ...]
    enable: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """What systemd and the service's own record say of a unit."""

    properties: Mapping[str, str]
    record: frozenset[str]


@dataclass(frozen=True)
class Found:
    """Where ``current`` leads, the identity of what it should lead to, each unit's state."""

    links: Mapping[str, str]
    inodes: Mapping[str, str]
    states: Mapping[str, State]
    key: str


def probe(description: Description, key: str) -> str:
    """Return the shell that prints links, properties and records, secrets fingerprinted."""
    services = description.of(Service)
    currents = description.of(Current)
    links = " ".join(quote(current.path) for current in currents)
    places = " ".join(quote(place) for c in currents for place in c.followed.values())
    units = " ".join(quote(service.unit) for service in services)
    secret = sorted({quote(r.path) for service in services for r in service.reads if r.secret})
    shown = f"systemctl show -p {PROPERTIES} -- {units}" if services else ":"
    return f"""\
key={key}
{SHELL}
for link in {links}; do
  if [ -L "$link" ]; then printf 'link\\t%s\\t%s\\n' "$link" "$(readlink "$link")"; fi
done
for place in {places}; do
  if [ -e "$place" ]; then printf 'inode\\t%s\\t%s\\n' "$place" "$(stat -L -c %i "$place")"; fi
done
for unit in {units}; do
  if [ -f {RECORDS}/"$unit" ]; then
    while read -r what value path; do
      case "$path" in {"|".join(secret) or "''"}) value=$(fingerprint "$value") ;; esac
      printf 'record\\t%s\\t%s %s %s\\n' "$unit" "$what" "$value" "$path"
    done < {RECORDS}/"$unit"
  fi
done
{shown}
"""


def read(answer: Answer) -> Found:
    """Return what was found; raises ``Unreadable`` when systemd's answer is not understood."""
    links: dict[str, str] = {}
    inodes: dict[str, str] = {}
    records: dict[str, set[str]] = {}
    units: list[dict[str, str]] = [{}]
    for line in answer.text.splitlines():
        match line.split("\t"):
            case ["link", path, target]:
                links[path] = target
            case ["inode", path, inode]:
                inodes[path] = inode
            case ["record", unit, entry]:
                records.setdefault(unit, set()).add(entry.strip())
            case [""]:
                units.append({})
            case [text] if "=" in text:
                name, _, value = text.partition("=")
                units[-1][name] = value
            case _:
                raise Unreadable(f"a line about services is not understood: {line[:40]!r}")
    units = [unit for unit in units if unit]
    if any(unit.keys() != set(PROPERTIES.split(",")) for unit in units):
        raise Unreadable("systemd did not tell all that was asked of a unit")
    states = {unit["Id"]: State(unit, frozenset(records.get(unit["Id"], ()))) for unit in units}
    return Found(links, inodes, states, answer.key)


def diff(description: Description, found: Found, upcoming: Upcoming = NOTHING) -> list[Change]:
    """Return the switch of ``current``, and what each unit lacks to run what is described."""
    changes = [change for c in description.of(Current) if (change := _switching(c, found))]
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
        return Change("add", current.path, f"{reason}; first release", wanted=current)
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
    """Yield the one command that stops, switches, starts, and waits until all are ready."""
    works = [change.wanted for change in changes if isinstance(change.wanted, Work)]
    starting = [work.service for work in works if work.start]
    enabling = [work.service for work in works if work.enable]
    links = [change.wanted for change in changes if isinstance(change.wanted, Current)]
    lines = ["set -u", REPORT]
    if starting:
        lines += _stop(starting)
    for link in links:
        lines += _follow(link)
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


def _follow(link: Current) -> list[str]:
    path, beside = quote(link.path), quote(f"{link.path}.homeport-new")
    return [
        f"ln -sfn {quote(link.release)} {beside} && mv -fT {beside} {path} || exit 1",
        f"sync {quote(link.path.rpartition('/')[0])}",
    ]


def _begin(services: Sequence[Service]) -> list[str]:
    units = _units(services)
    waits = [
        f"ready {service.deadline} {quote(service.unit)} {service.ready}"
        for service in services
        if service.ready is not None
    ]
    # A process that dies right after its start is "active" for a moment.
    return [f"systemctl start {units} || report {units}", *waits, "sleep 1", f"steady {units}"]


def _units(services: Sequence[Service]) -> str:
    return " ".join(quote(service.unit) for service in services)


REPORT = """\
report() {
  for unit in "$@"; do
    if systemctl is-active --quiet "$unit"; then continue; fi
    echo "$unit is $(systemctl is-active "$unit"); its last lines:" >&2
    journalctl --no-pager --quiet -o cat -n 20 -u "$unit" >&2
  done
  exit 1
}
steady() {
  for unit in "$@"; do
    case "$(systemctl show -p NRestarts --value "$unit")" in ''|0) ;; *) failed "$unit" ;; esac
    systemctl is-active --quiet "$unit" || failed "$unit"
  done
}
failed() {
  echo "$1 did not stay up; its last lines:" >&2
  journalctl --no-pager --quiet -o cat -n 20 -u "$1" >&2
  exit 1
}
ready() {
  left=$1 unit=$2
  shift 2
  until curl -fsS -o /dev/null --max-time 5 "$@" 2>/dev/null; do
    systemctl is-active --quiet "$unit" || failed "$unit"
    left=$((left - 1))
    if [ "$left" -le 0 ]; then echo "$unit did not get ready: curl $*" >&2; failed "$unit"; fi
    sleep 1
  done
}"""


def _name(path: str) -> str:
    return path.rpartition("/")[2]


KIND = Kind("services", probe, read, diff, fix)


@operation()
def converge() -> Commands:
    """Switch to the described release, and have every service run what it should."""
    yield from phase.converge(KIND)
