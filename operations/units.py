"""Unit files: checked by systemd before they are in place, read by systemd after.

A unit that left the description is stopped and disabled before its file goes. A drop-in of
somebody else's changes what a unit of ours does: it is set aside, where systemd doesn't read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote

from pyinfra.api import operation
from pyinfra.api.command import StringCommand

from homeport import group, phase
from homeport.files import STAGE, Absent, Entry, File
from homeport.group import Kept
from homeport.resource import (
    NOTHING,
    Answer,
    Change,
    Commands,
    Description,
    Kind,
    Refusal,
    Upcoming,
)

NAME = "units"
FOLDER = "/etc/systemd/system"
ASIDE = ".set-aside"
OWN = ("unread", "drop-in", "claim")
"""What lines of the answer begin with that aren't about files."""


@dataclass(frozen=True)
class Unit:
    """A unit file of ours, named as systemd names it."""

    name: str
    text: str


def _entries(description: Description) -> list[Entry]:
    return [File(f"{FOLDER}/{unit.name}", unit.text.encode()) for unit in description.of(Unit)]


@dataclass(frozen=True)
class DropIn:
    """A file that changes a unit of ours, and that nobody described."""

    path: str


@dataclass(frozen=True)
class Found:
    """The unit files that the host has, those that systemd has yet to read, others' drop-ins.

    ``claims`` are those of our names that another application keeps: its ledger, and the path.
    """

    kept: Kept
    unread: tuple[str, ...] = ()
    drop_ins: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()


def probe(description: Description, key: str) -> str:
    """Return the shell that looks at unit files, and asks systemd which of them it has not read."""
    look = group.probe(description.app, NAME, _entries(description), key, description.keeper)
    names = " ".join(quote(unit.name) for unit in description.of(Unit))
    if not names:
        return look
    paths = " ".join(f"-e {quote(f'{FOLDER}/{unit.name}')}" for unit in description.of(Unit))
    ledgers = group.ledger_path("*", NAME)
    return f"""\
{look}
set +f
for unit in {names}; do
  for path in {FOLDER}/"$unit".d/*.conf /run/systemd/system/"$unit".d/*.conf; do
    if [ -e "$path" ]; then printf 'drop-in\\t%s\\n' "$path"; fi
  done
done
grep -sHxF {paths} -- {ledgers} | sed 's/^/claim\\t/'
told=$(systemctl show -p Id,NeedDaemonReload -- {names})
while IFS== read -r name value; do
  case "$name=$value" in
    Id=*) unit=$value ;;
    NeedDaemonReload=yes) printf 'unread\\t%s\\n' "$unit" ;;
  esac
done <<TOLD
$told
TOLD
"""


def read(answer: Answer) -> Found:
    """Return what was found, or raise ``Unreadable``."""
    told = [line.partition("\t") for line in answer.text.splitlines()]
    claimed = (what.partition(":") for name, _, what in told if name == "claim")
    unread = tuple(what for name, _, what in told if name == "unread")
    drop_ins = tuple(what for name, _, what in told if name == "drop-in")
    files = "\n".join("".join(line) for line in told if line[0] not in OWN)
    kept = group.read(Answer(files, answer.key))
    return Found(kept, unread, drop_ins, tuple((ledger, path) for ledger, _, path in claimed))


def diff(description: Description, found: Found, upcoming: Upcoming = NOTHING) -> list[Change]:
    """Return what differs, what has left, the ledger if that changes, or what systemd missed.

    Raises ``Refusal`` for a unit that is another application's: neither may take the other's.
    """
    for ledger, path in found.claims:
        if ledger != group.ledger_path(description.app, NAME):
            other = PurePosixPath(ledger).parent.name
            raise Refusal(
                f"{path} belongs to the application {other}; rename the process in one of the two"
            )
    changes = group.diff(
        description.app, NAME, _entries(description), found.kept, description.keeper
    )
    changes += [
        Change(
            "remove", path, f"changes a unit of ours; kept as {path}{ASIDE}", wanted=DropIn(path)
        )
        for path in found.drop_ins
    ]
    if changes:
        return changes
    reason = "systemd has not read it since it changed"
    return [Change("change", f"{FOLDER}/{name}", reason) for name in found.unread]


def fix(description: Description, found: Found, changes: Sequence[Change]) -> Commands:
    """Yield the one command that checks, replaces and removes unit files, and has them read."""
    drop_ins = [change.target for change in changes if isinstance(change.wanted, DropIn)]
    aside = [_aside(path) for path in drop_ins]
    besides = [kept for path in drop_ins for kept in (path, path + ASIDE)]
    changes = [c for c in changes if c.wanted is not None and not isinstance(c.wanted, DropIn)]
    if not changes:
        keep = description.keeper.keep(description.app, besides)
        lines = ["set -e", keep, *aside, "systemctl daemon-reload"]
        yield StringCommand("\n".join(line for line in lines if line))
        return
    written = [_name(change) for change in changes if _is_unit(change, File)]
    leaving = [_name(change) for change in changes if _is_unit(change, Absent)]
    yield from group.fix(
        description.app,
        NAME,
        changes,
        before="\n".join([*aside, *([_stop(leaving)] if leaving else [])]),
        check=_verify(written) if written else "",
        after="systemctl daemon-reload",
        keeper=description.keeper,
        besides=besides,
    )


def _is_unit(change: Change, entry: type[Entry]) -> bool:
    return isinstance(change.wanted, entry) and change.target.startswith(f"{FOLDER}/")


def _name(change: Change) -> str:
    return PurePosixPath(change.target).name


def _aside(path: str) -> str:
    return f"mv -f {quote(path)} {quote(path + ASIDE)}"


def _stop(names: Sequence[str]) -> str:
    words = " ".join(quote(name) for name in names)
    records = " ".join(quote(f"/run/homeport/{name}") for name in names)
    # A unit that failed is known to systemd as such when its file is gone, until it forgets that.
    forget = f"systemctl reset-failed {words} 2>/dev/null || true"
    return f"systemctl disable --now --quiet {words}\n{forget}\nrm -f {records}"


def _verify(names: Sequence[str]) -> str:
    # systemd-analyze exits 0 on a misspelt key and complains of units that aren't ours:
    # what it says of these names is what counts.
    staged = " ".join(quote(f"{FOLDER}/{STAGE}/{name}") for name in names)
    ours = " ".join(f"-e {quote(name)}" for name in names)
    return f"""\
if systemd-analyze verify --man=no --recursive-errors=no {staged} 2>&1 | grep -F {ours} >&2; then
  exit 1
fi"""


KIND = Kind(NAME, probe, read, diff, fix)


@operation()
def converge() -> Commands:
    """Make unit files as described."""
    yield from phase.converge(KIND)
