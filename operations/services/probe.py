"""The probe of services: what systemd says, and what each service recorded at its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.engine.secret_digest import SHELL
from homeport.hostctl import protocol
from homeport.operations.services.resources import CurrentLink, RunOnce, Service
from homeport.operations.units.resources import Unit

RECORDS, POINTERS, SLOTS = protocol.RECORDS, protocol.STATE, protocol.HOME
PROPERTIES = "Id,ActiveState,UnitFileState,InvocationID"


@dataclass(frozen=True)
class ServiceState:
    """The state of a unit, by systemd and by the service's own record."""

    properties: Mapping[str, str]
    record: frozenset[str]


@dataclass(frozen=True)
class ServicesState:
    """The target of ``current``, the identity of what it should lead to, each unit's state.

    + done: the records of what runs once
    + slot: the one that serves, if one does
    + slot_units: what that slot runs, described or not
    + memory, total: kibibytes that are available, and that there are
    """

    links: Mapping[str, str]
    inodes: Mapping[str, str]
    states: Mapping[str, ServiceState]
    key: str
    done: frozenset[str] = frozenset()
    slot: str | None = None
    slot_units: tuple[str, ...] = ()
    memory: int | None = None
    total: int = 0

    def state_of(self, service: Service) -> ServiceState | None:
        """Return the state of a service, that of the slot which serves if it runs in slots."""
        if not service.slotted:
            return self.states.get(service.unit)
        return self.states.get(service.instance(self.slot)) if self.slot else None


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints links, properties and records, secrets fingerprinted."""
    services = description.of(Service)
    currents = description.of(CurrentLink)
    links = " ".join(quote(current.path) for current in currents)
    places = " ".join(quote(place) for c in currents for place in c.followed.values())
    units = " ".join(quote(service.unit) for service in services if not service.slotted)
    jobs = " ".join(quote(name) for name in _jobs(description))
    records = " ".join(quote(once.record) for once in description.of(RunOnce))
    secret = sorted({quote(r.path) for service in services for r in service.reads if r.secret})
    # Of what isn't there, stat says so, and tells the rest all the same.
    stat = f"stat -L --printf 'inode\\t%n\\t%i\\n' -- {places} 2>/dev/null || :"
    return f"""\
key={key}
{SHELL}
for link in {links}; do
  if [ -L "$link" ]; then printf 'link\\t%s\\t%s\\n' "$link" "$(readlink "$link")"; fi
done
{stat if places else ":"}
for record in {records}; do
  if [ -f "$record" ]; then printf 'done\\t%s\\n' "$record"; fi
done
units={quote(units)} jobs={quote(jobs)}
{_slots(description)}
hashed= hash=
for unit in $units; do
  if [ -f {RECORDS}/"$unit" ]; then
    while read -r what value path; do
      case "$path" in {"|".join(secret) or "''"})
        # Units of one application have read the same secrets: one hash serves all.
        if [ "$value" != "$hashed" ]; then hashed=$value hash=$(fingerprint "$value"); fi
        value=$hash ;;
      esac
      printf 'record\\t%s\\t%s %s %s\\n' "$unit" "$what" "$value" "$path"
    done < {RECORDS}/"$unit"
  fi
done
if [ -n "$units$jobs" ]; then systemctl show -p {PROPERTIES} -- $units $jobs; fi
"""


def _jobs(description: DesiredState) -> list[str]:
    # What a timer starts isn't to be seen to; that it failed is worth a word.
    services = {service.unit for service in description.of(Service)}
    names = (unit.name for unit in description.of(Unit))
    return [name for name in names if name.endswith(".service") and name not in services]


def _slots(description: DesiredState) -> str:
    """Return the shell that adds to ``units`` those of the slot that serves."""
    if description.snapshot_context.ledgers is not None:
        return ""
    app = quote(description.app)
    slots = " | ".join(f"'slot {slot}'" for slot in protocol.SLOTS)
    templates = " ".join(
        quote(service.unit.removesuffix(".service"))
        for service in description.of(Service)
        if service.slotted
    )
    return f"""\
slot=
if [ -f {POINTERS}/{app}/{protocol.ACTIVE} ]; then
  while read -r what value || [ -n "$what" ]; do
    case "$what $value" in {slots}) slot=$value ;; esac
  done <{POINTERS}/{app}/{protocol.ACTIVE}
fi
if [ -n "$slot" ]; then
  printf 'slot\\t%s\\n' "$slot"
  for template in {templates}; do units="$units $template$slot.service"; done
  for file in {SLOTS}/{app}/slots/"$slot"/etc/units/*@.service; do
    unit=${{file##*/}} unit="${{unit%.service}}$slot.service"
    if [ -f "$file" ]; then printf 'slot-unit\\t%s\\n' "$unit"; fi
    case " $units " in *" $unit "*) ;; *) if [ -f "$file" ]; then units="$units $unit"; fi ;; esac
  done
fi
while read -r what value _; do
  case $what in
    MemTotal:) total=$value ;;
    MemAvailable:) printf 'memory\\t%s\\t%s\\n' "$value" "$total" ;;
  esac
done </proc/meminfo"""


def parse(answer: ProbeOutput) -> ServicesState:
    """Return what was found; raises ``ProbeError`` when systemd's answer is not understood."""
    links: dict[str, str] = {}
    inodes: dict[str, str] = {}
    records: dict[str, set[str]] = {}
    done: set[str] = set()
    slot, slot_units = None, list[str]()
    memory: tuple[int | None, int] = (None, 0)
    units: list[dict[str, str]] = [{}]
    for line in answer.lines:
        match line.split("\t"):
            case ["link", path, target]:
                links[path] = target
            case ["inode", path, inode]:
                inodes[path] = inode
            case ["done", path]:
                done.add(path)
            case ["slot", name]:
                slot = name
            case ["slot-unit", unit]:
                slot_units.append(unit)
            case ["memory", available, total]:
                memory = (int(available), int(total))
            case ["record", unit, entry]:
                records.setdefault(unit, set()).add(entry.strip())
            case [""]:
                units.append({})
            case [text] if "=" in text:
                name, _, value = text.partition("=")
                units[-1][name] = value
            case _:
                raise ProbeError(f"a line about services is not understood: {line[:40]!r}")
    units = [unit for unit in units if unit]
    if any(unit.keys() != set(PROPERTIES.split(",")) for unit in units):
        raise ProbeError("systemd's answer is incomplete")
    states = {
        unit["Id"]: ServiceState(unit, frozenset(records.get(unit["Id"], ()))) for unit in units
    }
    return ServicesState(
        links, inodes, states, answer.key, frozenset(done), slot, tuple(slot_units), *memory
    )
