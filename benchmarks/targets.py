"""What homeport wants to be, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.summary import FLOOR, OPENSSH, OURS, Cell, Ratio

Counts = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Aim:
    """One contender's time by another's, in some cells: at most so much, or at least.

    + away: whether only hosts count to which the way takes time
    """

    what: str
    situation: str
    of: str
    by: str
    bound: float
    at_most: bool = False
    away: bool = False

    def met(self, got: float) -> bool:
        """Return whether a ratio is as good as wanted."""
        return got <= self.bound if self.at_most else got >= self.bound


AIMS = (
    Aim("a no-op, times `exec -- true` over @ssh", "no-op", OURS, FLOOR, 1.2, at_most=True),
    Aim(
        "a no-op at 50 ms, times `exec -- true` over @ssh",
        *("no-op", OURS, FLOOR, 0.75),
        at_most=True,
        away=True,
    ),
    Aim("`exec -- true` over @openssh, times over @ssh", "no-op", OPENSSH, FLOOR, 1, at_most=True),
    Aim("pyinfra's operations, times a no-op", "no-op", "pyinfra", OURS, 5),
    Aim("Ansible, times a no-op", "no-op", "ansible", OURS, 15),
    Aim("Ansible with Mitogen, times a no-op", "no-op", "mitogen", OURS, 5),
    Aim("Ansible with Mitogen, times a first deploy", "cold", "mitogen", OURS, 3),
)
FILE = 2.0
"""How many no-ops the change of one file may take."""
SENT = 20.0
"""MB that a first deploy may send: uv and all wheels as the bytes that they are."""


def judged(found: Sequence[Cell], counts: Counts) -> Iterator[dict[str, str]]:
    """Yield a row for each aim: what it is, what came of it where, and whether it is reached."""
    for aim in AIMS:
        sign = "≤" if aim.at_most else "≥"
        ratios = [(where, got.middle, aim.met(got.middle)) for where, got in _ratios(found, aim)]
        yield _row(aim.what, f"{sign} {aim.bound:g}", ratios)
    yield _row("one file changed, times a no-op", f"≤ {FILE:g}", list(_files(found)))
    yield _row("MB sent in a first deploy", f"≤ {SENT:g}", list(_sent(counts)))
    extra = _writes(counts)
    yield {
        "aim": "files that a no-op writes on a host, and `exec -- true` doesn't",
        "wanted": "0",
        "measured": str(extra),
        "reached": "yes" if extra == 0 else "no",
    }


def _ratios(found: Sequence[Cell], aim: Aim) -> Iterator[tuple[str, Ratio]]:
    for cell in found:
        ratio = cell.ratio(aim.of, aim.by)
        if cell.situation == aim.situation and ratio and (cell.rtt or not aim.away):
            yield _place(cell), ratio


def _files(found: Sequence[Cell]) -> Iterator[tuple[str, float, bool]]:
    no_ops = {_where(cell): cell.row(OURS) for cell in found if cell.situation == "no-op"}
    for cell in found:
        row, no_op = cell.row(OURS), no_ops.get(_where(cell))
        if cell.situation == "file" and row and no_op:
            got = row.wall / no_op.wall
            yield _place(cell), got, got <= FILE


def _sent(counts: Counts) -> Iterator[tuple[str, float, bool]]:
    for count in counts:
        if (count["situation"], count["contender"]) == ("cold", OURS):
            sent = count["sent"] / 1e6
            yield "1", sent, sent <= SENT


def _writes(counts: Counts) -> int:
    files = {
        count["contender"]: count["files"] for count in counts if count["situation"] == "no-op"
    }
    return int(max(0, files[OURS] - files[FLOOR]))


def _where(cell: Cell) -> tuple[str, int, float]:
    return cell.architecture, cell.hosts, cell.rtt


def _place(cell: Cell) -> str:
    kind = "" if cell.architecture == "amd64" else f" {cell.architecture}"
    far = f" at {cell.rtt * 1000:.0f} ms" if cell.rtt else ""
    return f"{cell.hosts}{kind}{far}"


def _row(what: str, wanted: str, got: Sequence[tuple[str, float, bool]]) -> dict[str, str]:
    short = [place for place, _, met in got if not met]
    reached = f"not with {', '.join(short)}" if short else "yes"
    return {
        "aim": what,
        "wanted": wanted,
        "measured": ", ".join(f"{ratio:.2f} ({place})" for place, ratio, _ in got)
        or "not measured",
        "reached": reached if got else "",
    }
