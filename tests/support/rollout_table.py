"""What tests of several modules share: rollout table."""

from __future__ import annotations


def table(output: str) -> dict[str, str]:
    """Return what the table says of each host."""
    lines = output.rpartition("last deploy there\n")[2].splitlines()
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
