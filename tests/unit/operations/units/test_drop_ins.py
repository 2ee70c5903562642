"""What operations.units.drop_ins promises."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState
from homeport.hostctl.protocol import PROGRAM
from homeport.operations.units import apply, kind
from tests.support.fake_systemd_units import (
    BEGUN,
    WEB,
    Probe,
    described,
    first,
    folder,
    host,
    probe,
)
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import SHELLS

__all__ = ["folder", "host", "probe"]


pytestmark = as_root


@pytest.mark.parametrize("shell", SHELLS)
def test_drop_in_that_nobody_described_is_set_aside_and_not_lost(
    shell: Sequence[str], folder: Path, probe: Probe, host: str
) -> None:
    description = described(WEB)
    found = probe(description)
    (command,) = apply.apply(description, found, kind.diff(description, found))
    run_command(command, shell, host)
    theirs = folder / f"{WEB.name}.d/override.conf"
    theirs.parent.mkdir()
    theirs.write_text("[Service]\nProtectSystem=false\n")
    other = folder / "other.service.d/override.conf"
    other.parent.mkdir()
    other.write_text("theirs")

    found = probe(description, shell)
    (change,) = kind.diff(description, found)
    assert (change.action, change.target.name) == ("remove", str(theirs))
    (command,) = apply.apply(description, found, [change])
    assert run_command(command, shell, host).returncode == 0
    assert [path.name for path in theirs.parent.iterdir()] == ["override.conf.set-aside"]
    assert other.exists()
    assert kind.diff(description, probe(description, shell)) == []


def test_drop_in_that_is_set_aside_alone_is_kept_too(folder: Path, probe: Probe, host: str) -> None:
    description = described(WEB)
    (command,) = apply.apply(
        description, probe(description), kind.diff(description, probe(description))
    )
    assert run_command(command, path=host).returncode == 0
    (folder / f"{WEB.name}.d").mkdir()
    drop_in = folder / f"{WEB.name}.d/theirs.conf"
    drop_in.touch()
    begun = DesiredState("shop", (WEB,), BEGUN)
    words = [PROGRAM, "snapshot", "shop", BEGUN.deploy]
    assert first(begun, probe(begun)) == [*words, str(drop_in), f"{drop_in}.set-aside"]
