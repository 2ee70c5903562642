"""The program that guards deploys is on a host as it is shipped, and runs there by itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.operations.hostctl import kind, probe
from homeport.operations.hostctl.probe import HostProgramState
from tests.support.real_delivery import as_root
from tests.support.shipped_hostctl import below, cleared, looked, path, ship

__all__ = ["below", "cleared", "path"]


@as_root
@pytest.mark.parametrize(
    "spoil",
    [
        "echo >>{}/lib/homeportctl/hostctl/transaction/journal.py",
        "rm {}/lib/homeportctl/hostctl/system/paths.py",
        "rm {}/lib/homeportctl",
        "chmod 644 {}/sbin/homeportctl",
        "echo >>{}/sbin/homeportctl",
        "echo >>{}/units/homeportctl-boot.service",
        "rm {}/wants/homeportctl-boot.service",
    ],
)
def test_hostctl__whatever_of_it_is_spoilt_is_put_right(spoil: str, path: str, below: Path) -> None:
    ship(path)
    subprocess.run(["sh", "-c", spoil.format(below)], check=True)
    assert ship(path) == ["not as it is shipped"]
    assert looked().is_shipped


def test_hostctl__a_host_that_nobody_described_a_guard_for_is_not_asked() -> None:
    assert probe.probe(DesiredState("shop", ()), "") == ":\n"
    assert probe.parse(ProbeOutput("", "")) == HostProgramState(False, False, None)
    assert kind.diff(DesiredState("shop", ()), HostProgramState(False, False, None)) == []
    assert kind.check_plan(DesiredState("shop", ()), HostProgramState(False, False, None), []) == []
