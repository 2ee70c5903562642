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
from homeport.resource import Answer, Change, Commands, Description, Kind, Unreadable

RECORDS = "/run/homeport"
PROPERTIES = "Id,LoadState,ActiveState,UnitFileState,NeedDaemonReload,InvocationID"


@dataclass(frozen=True)
class Current:
    """The link that names the release which services and timers start from."""

    path: str
    release: str

    @property
    def watched(self) -> tuple[str, str]:
        """The links that a service follows at its start: to the release, and on to its venv."""
        return self.path, f"{self.path}/venv"


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
class State:
    """What systemd and the service's own record say of a unit."""

    properties: Mapping[str, str]
    record: frozenset[str]


@dataclass(frozen=True)
class Found:
    """Where each link leads (and that directory's inode), and the state of each unit."""

    links: Mapping[str, tuple[str, str]]
    states: Mapping[str, State]
    key: str


def probe(description: Description, key: str) -> str:
    """Return the shell that prints links, properties and records, secrets fingerprinted."""
    services = description.of(Service)
    links = " ".join(quote(p) for current in description.of(Current) for p in current.watched)
    units = " ".join(quote(service.unit) for service in services)
    secret = sorted({quote(r.path) for service in services for r in service.reads if r.secret})
    shown = f"systemctl show -p {PROPERTIES} -- {units}" if services else ":"
    return f"""\
key={key}
{SHELL}
for link in {links}; do
  if [ -L "$link" ]; then
    printf 'link\\t%s\\t%s\\t%s\\n' "$link" "$(readlink "$link")" "$(stat -L -c %i "$link" || true)"
  fi
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
    links: dict[str, tuple[str, str]] = {}
    records: dict[str, set[str]] = {}
    units: list[dict[str, str]] = [{}]
    for line in answer.text.splitlines():
        match line.split("\t"):
            case ["link", path, target, inode]:
                links[path] = (target, inode)
            case ["record", unit, entry]:
                records.setdefault(unit, set()).add(entry.strip())
            case [""]:
                units.append({})
            case [text] if "=" in text:
                name, _, value = text.partition("=")
                units[-1][name] = value
            case _:
                raise Unreadable(f"a line about services is not understood: {line[:40]!r}")
    states = {
        unit["Id"]: State(unit, frozenset(records.get(unit["Id"], ()))) for unit in units if unit
    }
    return Found(links, states, answer.key)


def diff(description: Description, found: Found) -> list[Change]:
    """Return the switch of ``current``, and what each unit lacks to run what is described."""
    changes = []
    for current in description.of(Current):
        before = found.links.get(current.path, ("", ""))[0]
        if before != current.release:
            action, was = ("change", f"was {_name(before)}") if before else ("add", "first release")
            reason = f"switches to {_name(current.release)}; {was}"
            changes.append(Change(action, current.path, reason, wanted=current))  # type: ignore[arg-type]  # a tuple of literals widens to str
    for service in description.of(Service):
        if reasons := list(_reasons(service, found)):
            changes.append(Change("change", service.unit, "; ".join(reasons), wanted=service))
    return changes


def _reasons(service: Service, found: Found) -> Iterator[str]:
    state = found.states.get(service.unit)
    if state is None or state.properties["LoadState"] != "loaded":
        yield "enabled and started"
        return
    if state.properties["NeedDaemonReload"] == "yes":
        yield "its unit file changed since systemd read it"
    if state.properties["UnitFileState"] != "enabled":
        yield "enabled: it would not start at boot"
    if state.properties["ActiveState"] != "active":
        yield f"started: it is {state.properties['ActiveState']}"
    elif service.digest:
        yield from (f"restarted: {reason}" for reason in _stale(service, state, found))


def _stale(service: Service, state: State, found: Found) -> Iterator[str]:
    if f"invocation {state.properties['InvocationID']}" not in state.record:
        yield "what it read at its start is not known"
        return
    if f"unit {service.digest}" not in state.record:
        yield "it runs from an older unit file"
    if service.current is not None:
        yield from _stale_release(service.current, state, found)
    for file in service.reads:
        digest = fingerprint(found.key, file.sha256) if file.secret else file.sha256
        if f"sha256 {digest} {file.path}" not in state.record:
            yield f"it read another {file.path}"


def _stale_release(current: Current, state: State, found: Found) -> Iterator[str]:
    if f"target {current.release} {current.path}" not in state.record:
        yield "it runs another release"
        return
    for path in current.watched:
        inode = found.links.get(path, ("", ""))[1]
        if f"inode {inode} {path}" not in state.record:
            yield f"{path} was built anew"


def fix(description: Description, found: Found, changes: Sequence[Change]) -> Commands:
    """Yield the one command that stops, switches, starts, and waits until all are ready."""
    services = [change.wanted for change in changes if isinstance(change.wanted, Service)]
    links = [change.wanted for change in changes if isinstance(change.wanted, Current)]
    yield StringCommand(_switch(services, links))


def _switch(services: Sequence[Service], links: Sequence[Current]) -> str:
    units = " ".join(quote(service.unit) for service in services)
    lines = ["set -u", REPORT, "systemctl daemon-reload || exit 1"]
    if services:
        # A unit that never ran has no failures to forget, and systemctl calls that an error.
        lines += [
            f"systemctl stop {units} || exit 1",
            f"systemctl reset-failed {units} 2>/dev/null || true",
        ]
    for link in links:
        path, beside = quote(link.path), quote(f"{link.path}.homeport-new")
        lines += [
            f"ln -sfn {quote(link.release)} {beside} && mv -fT {beside} {path} || exit 1",
            f"sync {quote(link.path.rpartition('/')[0])}",
        ]
    if services:
        lines += [
            f"systemctl enable --quiet {units} || exit 1",
            f"systemctl start {units} || report {units}",
        ]
    for service in services:
        if service.ready is not None:
            lines.append(f"ready {service.deadline} {quote(service.unit)} {service.ready}")
    if services:
        # A process that dies right after its start is "active" for a moment.
        lines += ["sleep 1", f"steady {units}"]
    return "\n".join(lines)


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
