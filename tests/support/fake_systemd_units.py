"""What tests of several modules share: fake systemd units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeOutput, SnapshotContext
from homeport.files import managed_set
from homeport.operations.units import apply, kind, resources
from homeport.operations.units import probe as probing
from homeport.operations.units.probe import UnitsState
from homeport.operations.units.resources import Unit
from tests.support.fake_programs import Programs
from tests.support.real_shell import checked

WEB = Unit("shop-web.service", "[Service]\nExecStart=/bin/web\n")
Probe = Callable[..., UnitsState]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "system"
    folder.mkdir()
    for module in (resources, probing, kind, apply):
        monkeypatch.setattr(module, "FOLDER", str(folder))
    monkeypatch.setattr(
        managed_set, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}"
    )
    return folder


SYSTEMCTL = r"""
case "$1" in show)
  shift 4
  for unit in "$@"; do
    case " $UNREAD " in *" $unit "*) read=yes ;; *) read=no ;; esac
    printf 'Id=%s\nNeedDaemonReload=%s\n\n' "$unit" "$read"
  done
esac
"""


@pytest.fixture
def host(programs: Programs) -> str:
    return programs(
        systemctl=SYSTEMCTL, systemd_analyze='if [ -n "$SAYS" ]; then echo "$SAYS" >&2; fi'
    )


@pytest.fixture
def probe(host: str) -> Probe:
    def probe(
        description: DesiredState, shell: Sequence[str] = ("sh",), unread: str = ""
    ) -> UnitsState:
        script = f"export PATH={host} UNREAD='{unread}'\n{probing.probe(description, 'key')}"
        return probing.parse(ProbeOutput(checked(script, shell), "key"))

    return probe


def described(*resources: Unit) -> DesiredState:
    return DesiredState("shop", resources)


BEGUN = SnapshotContext(deploy="20260101T000000Z-00000000")


def first(description: DesiredState, actual: UnitsState) -> list[str]:
    """Return the words with which the host is told what to keep, before all else."""
    (command,) = apply.apply(description, actual, kind.diff(description, actual))
    line = command.get_raw_value().splitlines()[1]
    return line.partition(" </dev/null")[0].split(" ")
