"""What benchmarks.load.authority promises."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.load.authority import Authority


def test_authority__nobody_but_its_own_authority_is_trusted(tmp_path: Path) -> None:
    mine, other = Authority(tmp_path / "mine"), Authority(tmp_path / "other")
    certificate, key = mine.certify("ticker.test")
    for authority, good in ((mine, True), (other, False)):
        done = subprocess.run(
            ["openssl", "verify", "-CAfile", str(authority.certificate), str(certificate)],
            capture_output=True,
        )
        assert (done.returncode == 0) == good
    assert key.stat().st_mode & 0o077 == 0
