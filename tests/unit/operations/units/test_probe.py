"""Unit files are probed together, or not at all."""

from __future__ import annotations

from pathlib import Path

from homeport.operations.units import kind
from tests.support.fake_programs import Programs
from tests.support.fake_systemd_units import (
    WEB,
    described,
    folder,
    host,
    probe,
)
from tests.support.real_delivery import as_root
from tests.support.real_shell import run

__all__ = ["folder", "host", "probe"]


pytestmark = as_root


def test_units__a_host_whose_systemd_does_not_answer_fails_the_look(
    folder: Path, programs: Programs
) -> None:
    path = programs(systemctl="exit 1")
    script = f"set -eu\nPATH={path}\n{kind.probe(described(WEB), 'key')}"
    assert run(script).returncode != 0
