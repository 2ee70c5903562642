"""What tests of several modules share: called hostctl."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from pyinfra.api.exceptions import PyinfraError

from homeport.deployment import history, rollback
from homeport.deployment.rollback import RollbackTarget
from homeport.engine import run as session
from homeport.hostctl import protocol
from tests.support.host_folders import Fleet

PROGRAM = """\
#!/bin/sh
case $* in *--dry\\ --json*) cat {calls}.plan; exit ;; esac
printf '%s\\n' "$*" >>{calls}
case $1 in
  rollback) echo 'slot b: started'; echo 'web: last words' >&2; exit {rollback} ;;
  confirm) ln -sfn /srv/shop/releases/old {current}; exit {confirm} ;;
  secrets) cat >{calls}.value; echo 'slot b is started'; exit {secrets} ;;
  lock) echo "locked: $2"; exit {lock} ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(history.protocol, "STATE", str(tmp_path / "kept"))
    monkeypatch.setattr(rollback, "who", lambda: "me@desk")
    (tmp_path / "kept/shop").mkdir(parents=True)
    (tmp_path / "current").symlink_to("/srv/shop/releases/new")
    return tmp_path / "calls"


BASIS = '{"last":"d1"}'
PLAN = f'{{"plan": ["generation 0123, release old"], "basis": {BASIS}}}\n'


def placed(calls: Path, monkeypatch: pytest.MonkeyPatch, **codes: int) -> None:
    program = calls.with_name("homeportctl")
    known = {"rollback": 0, "confirm": 0, "lock": 0, "secrets": 0, **codes}
    program.write_text(PROGRAM.format(calls=calls, current=calls.with_name("current"), **known))
    program.chmod(0o755)
    calls.with_name(f"{calls.name}.plan").write_text(PLAN)
    monkeypatch.setattr(protocol, "PROGRAM", str(program))


def run(fleet: Fleet) -> None:
    with contextlib.suppress(PyinfraError):  # no host remains
        fleet.run()


def rolled_back(
    fleet: Fleet, calls: Path, goal: RollbackTarget, *, dry: bool = False
) -> list[list[str]]:
    """Go back on one host; return what its program was asked."""
    fleet.start("a")
    current = str(calls.with_name("current"))

    def work() -> None:
        session.start_run(rollback.KINDS, rollback.described("shop", current, goal))

    fleet.on_each(work)
    fleet.add(rollback.converge)
    if not dry:
        run(fleet)
    lines = calls.read_text().splitlines() if calls.exists() else []
    return [line.split() for line in lines]
