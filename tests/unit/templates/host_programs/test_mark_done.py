"""What templates.host_programs.mark-done promises."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tests.support.host_shells import HOST, each_shell, place
from tests.support.real_shell import is_shell

__all__ = ["place"]


# mark-done


@each_shell
def test_mark_done__an_initialisation_is_recorded_with_when_and_what(
    shell: Sequence[str], place: Path
) -> None:
    is_shell((HOST / "mark-done").read_text(), shell)
    (place / "bin/mark-done").write_bytes((HOST / "mark-done").read_bytes())
    record = place / "var/init/database"
    arguments = [str(record), "shop init 'a  b' \\n"]
    command = [*shell, f"{place}/bin/mark-done", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    when, release, recorded = record.read_text().splitlines()
    assert datetime.strptime(when, "when %Y-%m-%dT%H:%M:%SZ")
    assert release == f"release {place}/releases/r1"
    assert recorded == "command shop init 'a  b' \\n"
    assert (record.stat().st_mode & 0o777, record.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in record.parent.iterdir()] == ["database"]
