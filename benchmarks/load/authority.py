"""A certificate authority of the benchmark's own, which no system trusts."""

from __future__ import annotations

import subprocess
from pathlib import Path

DAYS = "30"
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """An authority in a folder: its key, and the certificate that clients trust."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self.certificate = folder, folder / "authority.pem"
        self._key = folder / "authority.key"
        _openssl(
            *("req", "-x509", *CURVE, "-days", DAYS, "-subj", "/CN=Benchmark"),
            *("-addext", "basicConstraints=critical,CA:true"),
            *("-addext", "keyUsage=critical,keyCertSign"),
            *("-keyout", str(self._key), "-out", str(self.certificate)),
        )

    def certify(self, name: str) -> tuple[Path, Path]:
        """Return a new certificate for a server of this name, and its key, as files."""
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        _openssl(
            *("req", "-x509", *CURVE, "-days", DAYS, "-subj", f"/CN={name}"),
            *("-CA", str(self.certificate), "-CAkey", str(self._key)),
            *("-addext", f"subjectAltName=DNS:{name}"),
            *("-addext", "basicConstraints=critical,CA:false"),
            *("-keyout", str(key), "-out", str(certificate)),
        )
        return certificate, key


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
