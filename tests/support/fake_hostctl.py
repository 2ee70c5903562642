"""The host's own program, played by a script that writes down how it was called, and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.hostctl import protocol

PROGRAM = """\
#!/bin/sh
echo "$*" >>calls
case $1 in begin | activate | revert) cat >"sent-$1" ;; esac
if [ -f "says-$1" ]; then cat "says-$1"; fi
if [ -f "fails-$1" ]; then
  read -r code reason <"fails-$1"
  echo "$reason" >&2
  exit "$code"
fi
"""


class Guarding:
    """The program on hosts that are directories; each has its own calls and its own answers."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def calls(self, host: str = "a") -> list[str]:
        """Return how it was called, the id of the deploy left out."""
        path = self.root / host / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [" ".join(word for word in line.split(" ") if "Z-" not in word) for line in lines]

    def says(self, verb: str, text: str, host: str = "a") -> None:
        (self.root / host / f"says-{verb}").write_text(text)

    def fails(self, verb: str, code: int, reason: str, host: str = "a") -> None:
        (self.root / host / f"fails-{verb}").write_text(f"{code} {reason}\n")

    def sent(self, verb: str, host: str = "a") -> str:
        return (self.root / host / f"sent-{verb}").read_text()


@pytest.fixture
def guarding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guarding:
    program = tmp_path / "homeportctl"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setattr(protocol, "PROGRAM", str(program))
    return Guarding(tmp_path)
