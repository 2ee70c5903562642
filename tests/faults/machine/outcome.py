"""The outcome of a power cut, as far as model and machine can be compared: what a boot left."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from homeport.hostctl.slots.pointer import read_pointer
from homeport.hostctl.snapshots import generations
from homeport.hostctl.transaction import history
from tests.faults.power_cuts import Case, Stage
from tests.support.shop_host import Shop

SEEDS = 12
"""So many random choices of the unsynced writes are tried for a prediction."""


@dataclass(frozen=True)
class Outcome:
    """What a host ended in.

    + open: whether a deploy is still open
    + history: what each deploy was, and how it ended
    + slot, release, data: what the pointer says
    + current: the release that the link leads to
    + setting: what lies in the environment file
    + numbers: of the generations that are there
    + serving: release and setting of what answers
    """

    open: bool
    history: tuple[tuple[str, str], ...]
    slot: str
    release: str
    data: str
    current: str
    setting: str
    numbers: tuple[int, ...]
    bad: int
    serving: tuple[str, str]


def outcome(shop: Shop) -> Outcome:
    """Return what a host ended in."""
    place, pointer = shop.place, read_pointer(shop.place) or {}
    read = shop.serving() or {}
    environment = place.etc / "environment"
    return Outcome(
        place.journal.exists(),
        tuple((str(line["what"]), str(line["outcome"])) for line in history.read(place)),
        str(pointer.get("slot", "")),
        str(pointer.get("release", "")).rpartition("/")[2],
        str(pointer.get("data", "")),
        place.current.readlink().name if place.current.is_symlink() else "",
        environment.read_text() if environment.exists() else "",
        tuple(sorted(each.number for each in generations.read_all(place))),
        len(generations.marks(place)),
        (read.get("release", ""), read.get("environment", "")),
    )


def predicted(stage: Stage, cut: int, folder: Path) -> set[Outcome]:
    """Return what a host may end in when power is cut after so many steps of a story."""
    found = set()
    for number, manner in enumerate(("all", "none", *["some"] * SEEDS)):
        shop = stage.cut(Case(stage.story, cut, manner, number), folder)
        with quiet():
            shop.reboot()
            shop.settle()
        found.add(outcome(shop))
        shutil.rmtree(folder)
    return found


@contextmanager
def quiet() -> Iterator[None]:
    """Have what the program says in the model not be shown."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield
