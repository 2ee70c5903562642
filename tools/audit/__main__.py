"""Ask for the known vulnerabilities of what is locked: `python -m tools.audit`, or `make audit`.

pip-audit asks PyPI. Its answer goes into record.json, with its day; an answer that isn't about each
package is none, and the record stays as it was.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tools.audit import check
from tools.audit.record import LOCKS, RECORD, ROOT, Finding, Record

_OPTIONS = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")


class Unanswered(Exception):  # noqa: N818 - a state of the service
    """No answer, or one that isn't about every package."""


def ask(folder: Path = ROOT) -> str:
    """Return what pip-audit says of the locks, as JSON; raises ``Unanswered``."""
    files = [option for name in LOCKS for option in ("-r", str(folder / name))]
    command = [sys.executable, "-m", "pip_audit", *_OPTIONS, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # It exits with 1 for a vulnerability, and for a failure of its own.
    if not done.stdout.strip():
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Unanswered(lines[-1])
    return done.stdout


def parse(answer: str) -> Record:
    """Return the record of an answer, of today; raises ``Unanswered``."""
    try:
        packages = json.loads(answer)["dependencies"]
        skipped = [each for each in packages if "skip_reason" in each]
        audited = frozenset(f"{x['name']}=={x['version']}" for x in packages if x not in skipped)
        findings = [
            Finding(
                each["name"],
                each["version"],
                found["id"],
                tuple(found.get("aliases", ())),
                tuple(found.get("fix_versions", ())),
            )
            for each in packages
            for found in each.get("vulns", ())
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unanswered("pip-audit's answer can't be read") from None
    if skipped or not packages:
        names = ", ".join(str(each.get("name")) for each in skipped[:3])
        raise Unanswered(f"the service knows nothing of {len(skipped)} packages: {names}")
    unique = dict.fromkeys(findings)
    return Record(datetime.now(UTC).date(), audited, tuple(unique))


def main() -> int:
    """Write the record, and check it; return the exit code: 2 without an answer."""
    try:
        record = parse(ask())
    except Unanswered as reason:
        print(f"no audit: {reason}. The record stays as it was.", file=sys.stderr)
        return 2
    RECORD.write_text(record.text())
    return check.main()


if __name__ == "__main__":
    sys.exit(main())
