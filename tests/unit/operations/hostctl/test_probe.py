"""The probe of the program starts none of it."""

from __future__ import annotations

from homeport.hostctl import protocol
from homeport.operations.hostctl import probe
from tests.support.shipped_hostctl import SHOP, below, cleared, path

__all__ = ["below", "cleared", "path"]


def test_hostctl__the_look_starts_none_of_it() -> None:
    lines = probe.probe(SHOP, "").splitlines()
    assert not any("python" in line.partition(" ")[0] for line in lines)
    assert not any(line.lstrip().startswith(protocol.PROGRAM) for line in lines)
