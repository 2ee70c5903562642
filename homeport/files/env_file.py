"""Environment files, as systemd reads them (systemd.exec(5), EnvironmentFile=)."""

from __future__ import annotations

from collections.abc import Mapping

from homeport.hostctl.environment_file import line

HEADER = "# Written by homeport; a change made here is put back by the next deploy.\n"


def render(variables: Mapping[str, str]) -> bytes:
    """Return the file that gives these variables, sorted, each value in double quotes."""
    lines = (f"{line(name, value)}\n" for name, value in sorted(variables.items()))
    return (HEADER + "".join(lines)).encode()
