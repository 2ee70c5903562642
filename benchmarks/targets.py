"""What homeport wants to be, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.summary import FLOOR, OURS, Cell, Ratio

Counts = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Aim:
    """One ratio in some cells: at most so much, or at least."""

    what: str
    situation: str
    contender: str
    bound: float
    at_most: bool = False

    def met(self, got: float) -> bool:
        """Return whether a ratio is as good as wanted."""
        return got <= self.bound if self.at_most else got >= self.bound


AIMS = (
    Aim("a no-op, times `pyinfra exec -- true`", "no-op", FLOOR, 1.2, at_most=True),
    Aim("pyinfra's operations, times a no-op", "no-op", "pyinfra", 5),
    Aim("Ansible, times a no-op", "no-op", "ansible", 15),
    Aim("Ansible with Mitogen, times a no-op", "no-op", "mitogen", 5),
    Aim("Ansible with Mitogen, times a first deploy", "cold", "mitogen", 3),
)
FILE = 2.0
"""How many no-ops the change of one file may take."""


def judged(found: Sequence[Cell], counts: Counts) -> Iterator[dict[str, str]]:
    """Yield a row for each aim: what it is, what came of it where, and whether it is reached."""
    for aim in AIMS:
        sign = "≤" if aim.at_most else "≥"
        ratios = [(where, got.middle, aim.met(got.middle)) for where, got in _ratios(found, aim)]
        yield _row(aim.what, f"{sign} {aim.bound:g}", ratios)
    yield _row("one file changed, times a no-op", f"≤ {FILE:g}", list(_files(found)))
    extra = _writes(counts)
    yield {
        "aim": "files that a no-op writes on a host, and `exec -- true` doesn't",
        "wanted": "0",
        "measured": str(extra),
        "reached": "yes" if extra == 0 else "no",
    }


def _ratios(found: Sequence[Cell], aim: Aim) -> Iterator[tuple[str, Ratio]]:
    for cell in found:
        row = cell.row(aim.contender)
        if cell.situation == aim.situation and row and row.ratio:
            yield _place(cell), row.ratio


def _files(found: Sequence[Cell]) -> Iterator[tuple[str, float, bool]]:
    no_ops = {_where(cell): cell.row(OURS) for cell in found if cell.situation == "no-op"}
    for cell in found:
        row, no_op = cell.row(OURS), no_ops.get(_where(cell))
        if cell.situation == "file" and row and no_op:
            got = row.wall / no_op.wall
            yield _place(cell), got, got <= FILE


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
    return {
        "aim": what,
        "wanted": wanted,
        "measured": ", ".join(f"{ratio:.2f} ({place})" for place, ratio, _ in got),
        "reached": "yes" if not short else f"not with {', '.join(short)}",
    }
