"""What runs on a host: what systemd says, and what each service recorded at its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from homeport.fingerprint import SHELL
from homeport.resource import Answer, Description, Unreadable
from operations.running import Current, Once, Service

RECORDS = "/run/homeport"
PROPERTIES = "Id,ActiveState,UnitFileState,InvocationID"


@dataclass(frozen=True)
class State:
    """What systemd and the service's own record say of a unit."""

    properties: Mapping[str, str]
    record: frozenset[str]


@dataclass(frozen=True)
class Found:
    """Where ``current`` leads, the identity of what it should lead to, each unit's state.

    ``done`` are the records of what runs once.
    """

    links: Mapping[str, str]
    inodes: Mapping[str, str]
    states: Mapping[str, State]
    key: str
    done: frozenset[str] = frozenset()


def probe(description: Description, key: str) -> str:
    """Return the shell that prints links, properties and records, secrets fingerprinted."""
    services = description.of(Service)
    currents = description.of(Current)
    links = " ".join(quote(current.path) for current in currents)
    places = " ".join(quote(place) for c in currents for place in c.followed.values())
    units = " ".join(quote(service.unit) for service in services)
    records = " ".join(quote(once.record) for once in description.of(Once))
    secret = sorted({quote(r.path) for service in services for r in service.reads if r.secret})
    # Of what isn't there, stat says so, and tells the rest all the same.
    stat = f"stat -L --printf 'inode\\t%n\\t%i\\n' -- {places} 2>/dev/null || :"
    shown = f"systemctl show -p {PROPERTIES} -- {units}" if services else ":"
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
hashed= hash=
for unit in {units}; do
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
{shown}
"""


def read(answer: Answer) -> Found:
    """Return what was found; raises ``Unreadable`` when systemd's answer is not understood."""
    links: dict[str, str] = {}
    inodes: dict[str, str] = {}
    records: dict[str, set[str]] = {}
    done: set[str] = set()
    units: list[dict[str, str]] = [{}]
    for line in answer.text.splitlines():
        match line.split("\t"):
            case ["link", path, target]:
                links[path] = target
            case ["inode", path, inode]:
                inodes[path] = inode
            case ["done", path]:
                done.add(path)
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
    return Found(links, inodes, states, answer.key, frozenset(done))
