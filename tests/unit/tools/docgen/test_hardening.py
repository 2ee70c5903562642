"""The figures of a host stand on the page, and each weak algorithm that is left has its reason."""

from __future__ import annotations

import json
from pathlib import Path

from tools.docgen.hardening import FIGURES, REASONS, hardening

ROOT = Path(__file__).resolve().parents[4]
FOUND = json.loads((ROOT / FIGURES).read_text())


def test_hardening__each_host_is_there_before_and_after() -> None:
    page = hardening(ROOT)
    for debian, host in FOUND.items():
        for when in ("before", "after"):
            assert f"| Debian {debian}, {when} | {host[when]['index']} |" in page


def test_hardening__a_bootstrap_leaves_no_figure_worse_and_what_is_weak_has_its_reason() -> None:
    for host in FOUND.values():
        before, after = host["before"], host["after"]
        assert after["index"] > before["index"]
        assert len(after["suggestions"]) < len(before["suggestions"])
        assert after["weak"].keys() <= REASONS.keys()
        assert sum(after["doubtful"].values()) < sum(before["doubtful"].values())
