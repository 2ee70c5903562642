"""docs/performance.md: made from what was measured, so that no figure in it is by hand.

``python -m benchmarks.page`` makes it anew from docs/performance.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import contenders
from benchmarks.connection import report as connection
from benchmarks.load import report as releases
from benchmarks.scenarios import SITUATIONS
from benchmarks.summary import FLOORS, Cell, Ratio, cells
from benchmarks.targets import judged
from tools.docgen.markdown import code, table

DOCS = Path(__file__).parent.parent / "docs"
MEASURED = DOCS / "performance.json"
PAGE = DOCS / "performance.md"
WORDS = Path(__file__).parent / "text"
"""What is said by hand: before the figures, and after them."""

TITLES = {one.name: one.title for one in (*contenders.CONTENDERS, *contenders.FLOORS)}
SITUATION_TITLES = {one.name: one.title for one in SITUATIONS}
WIDTH = 48
"""Letters of the longest bar."""


def page(measured: Mapping[str, Any]) -> str:
    """Return the whole page."""
    found = list(cells(measured["runs"]))
    return "\n".join(
        [
            (WORDS / "before.md").read_text(),
            "```text\n" + "".join(chart(_shown(found))) + "```\n",
            "## Targets\n",
            table(list(judged(found, measured["counts"]))),
            "## Seconds\n",
            (WORDS / "seconds.md").read_text(),
            *(f"### {_title(cell)}\n\n{table(list(_rows(cell)))}" for cell in found),
            "## Round trips and writes\n",
            (WORDS / "counts.md").read_text(),
            table([_count(count) for count in measured["counts"]]),
            "## Many hosts\n",
            (WORDS / "scale.md").read_text(),
            table([_scale(figures) for figures in measured["scale"]]),
            *(connection.section(measured["connection"]) if "connection" in measured else ()),
            *(releases.section(measured["releases"]) if "releases" in measured else ()),
            (WORDS / "after.md").read_text(),
            "## Environment\n",
            table([{"": name, "is": code(str(is_))} for name, is_ in measured["machine"].items()]),
        ]
    )


def chart(cell: Cell) -> Iterator[str]:
    """Yield the lines of a bar chart of one cell: seconds, the longest bar as wide as may be."""
    longest = max(row.wall for row in cell.rows)
    widest = max(len(_plain(row.contender)) for row in cell.rows)
    yield f"{_title(cell)}, seconds\n\n"
    for row in cell.rows:
        bar = "█" * max(1, round(row.wall / longest * WIDTH))
        yield f"{_plain(row.contender):<{widest}}  {bar} {row.wall:.2f}\n"


def _shown(found: Sequence[Cell]) -> Cell:
    wanted = [cell for cell in found if cell.situation == "no-op" and cell.architecture == "amd64"]
    return next((cell for cell in wanted if cell.hosts == 3 and not cell.rtt), wanted[0])


def _plain(contender: str) -> str:
    return TITLES[contender].replace("`", "")


def _title(cell: Cell) -> str:
    hosts = "one host" if cell.hosts == 1 else f"{cell.hosts} hosts"
    kind = "" if cell.architecture == "amd64" else f", {cell.architecture} (emulated)"
    far = f", {cell.rtt * 1000:.0f} ms away" if cell.rtt else ""
    return f"{SITUATION_TITLES[cell.situation].capitalize()}: {hosts}{kind}{far}"


def _rows(cell: Cell) -> Iterator[dict[str, str]]:
    for row in cell.rows:
        yield {
            "": TITLES[row.contender],
            "seconds": f"{row.wall:.2f}",
            "times homeport's": "" if row.contender in FLOORS else _ratio(row.ratio),
            "homeport's, times this": _ratio(row.ratio) if row.contender in FLOORS else "",
            "CPU s": f"{row.cpu:.2f}",
            "MiB": f"{row.memory / 2**20:.0f}",
            "runs": str(row.rounds),
        }


def _ratio(ratio: Ratio | None) -> str:
    return f"{ratio.middle:.2f} ({ratio.least:.2f} to {ratio.most:.2f})" if ratio else ""


def _count(count: Mapping[str, Any]) -> dict[str, str]:
    return {
        "situation": SITUATION_TITLES[count["situation"]],
        "": TITLES[count["contender"]],
        "remote commands": str(count["commands"]),
        "round trips": str(count["turns"]),
        "kB sent": f"{count['sent'] / 1000:.0f}",
        "kB received": f"{count['received'] / 1000:.0f}",
        "files written": str(count["files"]),
        "kB written": f"{count['written'] / 1000:.0f}",
    }


def _scale(figures: Mapping[str, Any]) -> dict[str, str]:
    return {
        "hosts": f"{figures['hosts']:.0f}",
        "`exec -- true`, s": f"{figures['floor_seconds']:.2f}",
        "no-op, s": f"{figures['no_op_seconds']:.2f}",
        "ratio": f"{figures['ratio']:.2f}",
        "CPU s": f"{figures['no_op_cpu_seconds']:.2f}",
        "MiB": f"{figures['no_op_peak_mib']:.0f}",
        "ms a host": f"{figures['no_op_seconds_per_host'] * 1000:.1f}",
    }


def lines(found: Iterable[Cell]) -> Iterator[str]:
    """Yield what was measured as plain lines, for a terminal."""
    for cell in found:
        yield from chart(cell)
        for row in cell.rows:
            if row.ratio:
                ours = "homeport takes" if row.contender in FLOORS else "takes homeport's"
                yield f"  {_plain(row.contender)}: {ours} {_ratio(row.ratio)} times\n"
        yield "\n"


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(MEASURED.read_text())))
