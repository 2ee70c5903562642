"""What is promised, line by line, and what became of the power cuts: parts of two pages."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.docgen.markdown import code, escaped, table

SOURCE = "docs/promises.toml"
FIGURES = "docs/reliability.json"
ENDS = {"old": "the old release", "new": "the new release", "none yet": "no release"}
"""What a host may run after its boot: the column, and how a result names it."""
PROMISED = "what is promised"
"""The kind of the cuts of deploys by pyinfra."""


@dataclass(frozen=True)
class Promise:
    """One line.

    + who: whom or what the line is about, one of ``WHO``
    + test: path and name of the test, as pytest(1) takes it
    + code: paths of what keeps the promise
    """

    who: str
    what: str
    test: str
    code: str


WHO = {
    "operator": "The operator is never fooled",
    "package": "Packages, the application and its configuration stay confined",
    "account": "The service user and other accounts stay within their own directories",
    "host": "One host of a run fails alone",
    "network": "The network gets nothing before it is known",
    "disk": "A damaged state is never taken for a good one",
    "people": "Well means that people are served",
}


def promises(project: Path) -> Sequence[Promise]:
    """Return all lines of the table, in its order."""
    found = tomllib.loads((project / SOURCE).read_text())["promise"]
    return [Promise(each["who"], each["what"], each["test"], each["code"]) for each in found]


def sections(project: Path) -> str:
    """Return a table for each of ``WHO``."""
    every = promises(project)
    parts = []
    for who, title in WHO.items():
        rows = [
            {"promise": escaped(each.what), "test": code(each.test), "code": code(each.code)}
            for each in every
            if each.who == who
        ]
        if rows:
            parts.append(f"### {title}\n\n{table(rows)}")
    return "\n".join(parts)


def power_cuts(project: Path) -> str:
    """Return a table of the power cuts that the last run of `make faults` played."""
    cuts = json.loads((project / FIGURES).read_text())["power cuts"]
    rows = [
        {"work": name, "writes and syncs": str(row["steps"]), "power cuts": str(row["cases"])}
        for name, row in cuts["stories"].items()
    ]
    count = sum(row["cases"] for row in cuts["stories"].values())
    return f"{table(rows)}\n{count} power cuts (seed {cuts['seed']}), all survived.\n"


def spec_faults(project: Path) -> str:
    """Return a table of the damages that the last run of `make spec-faults` played, by kind."""
    stages = json.loads((project / FIGURES).read_text())["spec faults"]
    kinds = sorted({kind for rows in stages.values() for kind in rows})
    rows = [
        {
            "kind of spec": code(kind),
            "on": ", ".join(name for name, of in stages.items() if kind in of),
            **{
                key: str(sum(of[kind][key] for of in stages.values() if kind in of))
                for key in ("damages", "seen")
            },
        }
        for kind in kinds
    ]
    count, seen = (sum(int(row[key]) for row in rows) for key in ("damages", "seen"))
    whole = sum(row["damages"] == row["seen"] for row in rows)
    rate = f"{whole} of {len(rows)} kinds, {seen} of {count} damages"
    return f"{table(rows)}\nKill rate: {rate}.\n"


def machine_cuts(project: Path) -> str:
    """Return a table of the power cuts of a full machine that `make power-cuts` has made so far."""
    cuts = json.loads((project / FIGURES).read_text())["machine"]
    every = [(kind, each) for kind, results in cuts["kinds"].items() for each in results]
    rows = []
    for kind, work in dict.fromkeys((kind, each["work"]) for kind, each in every):
        those = _of(every, kind, work)
        ends = {
            column: str(sum(each["ended"] == end for each in those)) for column, end in ENDS.items()
        }
        bad = str(sum(bool(each["wrong"]) for each in those))
        counted = {"power cuts": str(len(those)), **ends, "not survived": bad}
        rows.append({"compared with": kind, "work": work, **counted})
    wrong = sum(bool(each["wrong"]) for _, each in every)
    end = f"{wrong} not survived" if wrong else "all survived"
    moments = Counter(each["at"] for kind, each in every if kind == PROMISED)
    places = ", ".join(f"{escaped(at)} {count}" for at, count in sorted(moments.items()))
    last = f" The deploys by pyinfra were in: {places}." if places else ""
    return f"{table(rows)}\n{len(every)} power cuts (seed {cuts['seed']}), {end}.{last}\n"


def _of(every: Sequence[tuple[str, Any]], kind: str, work: str) -> Sequence[Any]:
    return [each for named, each in every if (named, each["work"]) == (kind, work)]
