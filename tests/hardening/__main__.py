"""Ask two auditors about a bare host, bootstrap it, and ask again: `make hardening`."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import lab
from tests.e2e.lab.bare import bare_lab, bootstrapped, root
from tests.e2e.lab.project import Project
from tests.hardening.figures import Figures, figures, version

PAGE = Path(__file__).resolve().parents[2] / "docs/hardening.json"
DEBIANS = ("12", "13")
INSTALL = (
    "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
    "--no-install-recommends lynis ssh-audit >/dev/null"
)
LYNIS = (
    "lynis audit system --quick --quiet --no-colors >/dev/null 2>&1; cat /var/log/lynis-report.dat"
)
# It ends with the worst that it has found as its exit code.
SSH_AUDIT = "ssh-audit -n 127.0.0.1 || :"


def main() -> int:
    """Measure a host of each Debian, write the figures, and return the exit code."""
    os.environ.setdefault("HOMEPORT_LAB", "hardening")
    found = {}
    with bare_lab(*(f"debian{debian}={debian}" for debian in DEBIANS)):
        for debian in DEBIANS:
            found[debian] = _measured(f"debian{debian}")
            print(f"Debian {debian}: {json.dumps(found[debian])}", file=sys.stderr)
    PAGE.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def _measured(host: str) -> dict[str, object]:
    root(host, INSTALL)
    before, lynis = _audited(host)
    with TemporaryDirectory() as folder:
        bootstrapped(Project(Path(folder)), host)
    lab.reboot(host)
    after, _ = _audited(host)
    versions = {"lynis": lynis, "ssh-audit": _installed(host, "ssh-audit")}
    return {"versions": versions, "before": before.as_json(), "after": after.as_json()}


def _installed(host: str, package: str) -> str:
    shown = root(host, f"dpkg-query -W -f '${{Version}}' {package}")
    return re.split("[-+~]", shown)[0]


def _audited(host: str) -> tuple[Figures, str]:
    report = root(host, LYNIS)
    return figures(report, root(host, SSH_AUDIT)), version(report)


if __name__ == "__main__":
    sys.exit(main())
