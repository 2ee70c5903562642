"""Swap in compressed memory (zram), where the alternative is to write to an SD card.

An image that has such a swap of its own keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
    Reason,
    Target,
    of_payload,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.files import managed_set
from homeport.files.entries import Directory, Entry, File, PathEntry
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap.root_mount import DEVICES, on_card
from homeport.operations.packages.apply import install
from homeport.operations.packages.kind import Why as WhyPackage
from homeport.operations.packages.resources import Package

NAME = "zram"
PACKAGE = "systemd-zram-generator"
UNIT = "systemd-zram-setup@zram0.service"
FOLDER = "/etc/systemd/zram-generator.conf.d"
FILE = f"{FOLDER}/homeport.conf"
TEXT = b"""\
# Written by homeport; a change made here is put back by the next bootstrap.
[zram0]
zram-size = min(ram / 2, 2048)
"""


@dataclass(frozen=True)
class Zram:
    """A swap of half the memory, 2 GiB at most; ``card`` as in ``NoatimeRoot``."""

    card: bool | None = None

    @property
    def name(self) -> str:
        """The name in plans and reports."""
        return "zram0"


@dataclass(frozen=True)
class ZramState:
    """Ours, the devices under the root file system, and what the host says of zram."""

    files: ManagedSetState
    devices: tuple[str, ...]
    words: frozenset[str]


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that tells whether zram can be, is, and by whom."""
    script = managed_set.probe(description.app, NAME, _entries(), key)
    if not description.of(Zram):
        return script
    return f"""\
{script}
{DEVICES}
say() {{ printf 'zram\\t%s\\n' "$1"; }}
if modprobe -q -n zram || [ -e /sys/class/zram-control ]; then say possible; fi
if systemd-detect-virt -q --container; then say container; fi
if grep -q '^/dev/zram' /proc/swaps; then say on; fi
if dpkg-query -W -f '${{db:Status-Status}}' {PACKAGE} 2>/dev/null | grep -qx installed; then
  say package
fi
"""


def parse(answer: ProbeOutput) -> ZramState:
    """Return what was found, or raise ``ProbeError``."""
    lines = [line.partition("\t") for line in answer.lines]
    rest = "\n".join("".join(line) for line in lines if line[0] not in ("zram", "devices"))
    devices = next((what for name, _, what in lines if name == "devices"), "")
    words = frozenset(what for name, _, what in lines if name == "zram")
    return ZramState(
        managed_set.parse(ProbeOutput(rest, answer.key)), tuple(devices.split()), words
    )


def _entries() -> list[Entry]:
    return [Directory(FOLDER), File(FILE, TEXT)]


def _is_wanted(description: DesiredState, actual: ZramState) -> bool:
    ours = FILE in actual.files.ledger
    possible = "possible" in actual.words and "container" not in actual.words
    cards = (on_card(actual.devices) if z.card is None else z.card for z in description.of(Zram))
    return any(cards) and possible and (ours or "on" not in actual.words)


@dataclass(frozen=True)
class SwapStart:
    """That the swap is to be turned on."""


SwapPayload = PathEntry | Package | SwapStart


class Why(Reason):
    """The reasons why the swap is to be turned on."""

    NO_SWAP = "started: there is no swap in zram"


def diff(
    description: DesiredState, actual: ZramState, pending: PendingTargets = NOTHING
) -> list[Change[SwapPayload]]:
    """Return what makes a swap of ours, or takes its file away where none is to be."""
    wanted = _is_wanted(description, actual)
    changes: list[Change[SwapPayload]] = []
    if wanted and "package" not in actual.words:
        changes.append(
            Change("add", Target(NAME, PACKAGE), (WhyPackage.MISSING(),), Package(PACKAGE))
        )
    changes += managed_set.diff(description.app, NAME, _entries() if wanted else [], actual.files)
    if wanted and "on" not in actual.words:
        changes.append(Change("change", Target(NAME, UNIT), (Why.NO_SWAP(),), SwapStart()))
    return changes


def apply(
    description: DesiredState, actual: ZramState, changes: Sequence[Change[SwapPayload]]
) -> Commands:
    """Yield the commands that install what makes the swap, and turn it on."""
    if missing := payloads(changes, Package):
        yield install([package.name for package in missing])
    files, starts = of_payload(changes, PathEntry), payloads(changes, SwapStart)
    if starts and not files:
        files = [Change("change", Target(NAME, FILE), (), File(FILE, TEXT))]
    if files:
        start = f"\nsystemctl start {UNIT}" if starts else ""
        after = f"systemctl daemon-reload{start}"
        yield from managed_set.apply(description.app, NAME, files, after=after)


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Give a host with an SD card its swap in memory."""
