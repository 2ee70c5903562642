"""What two auditors say of a host before and after its bootstrap: a part of a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.docgen.markdown import code, codes, table

FIGURES = "docs/hardening.json"
REASONS = {
    "ecdsa-sha2-nistp256": "a host key: another machine may know the host by it alone",
}
"""What ssh-audit calls weak of a host that was bootstrapped, and why it stays."""


def hardening(project: Path) -> str:
    """Return the figures that the last run of `make hardening` has found, and what is left."""
    found = json.loads((project / FIGURES).read_text())
    rows = [
        {"host": f"Debian {debian}, {when}", **_row(hosts[when])}
        for debian, hosts in found.items()
        for when in ("before", "after")
    ]
    versions = ", ".join(
        f"lynis {hosts['versions']['lynis']} and ssh-audit {hosts['versions']['ssh-audit']} on "
        f"Debian {debian}"
        for debian, hosts in found.items()
    )
    afters = [hosts["after"] for hosts in found.values()]
    weak = [
        {"weak": code(name), "stays, since it is": REASONS[name]}
        for name in sorted({name for after in afters for name in after["weak"]})
    ]
    ids = sorted({each for after in afters for each in after["suggestions"]})
    left = f"{table(weak)}\n" if weak else ""
    return (
        f"{table(rows)}\nFound by {versions}.\n\n{left}"
        f"lynis still suggests, and homeport leaves to you: {codes(ids)}.\n"
    )


def _row(figures: dict[str, Any]) -> dict[str, str]:
    return {
        "lynis: hardening index": str(figures["index"]),
        "suggestions": str(len(figures["suggestions"])),
        "ssh-audit: fail": str(sum(figures["weak"].values())),
        "warn": str(sum(figures["doubtful"].values())),
    }
