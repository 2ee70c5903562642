"""What engine.rollback_on_failure promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.run_folder import folder, run

__all__ = ["folder"]


DEPLOY = """\
from pyinfra import host
from pyinfra.operations import server

from homeport.engine import rollback_on_failure as reverting, run as session
from homeport.engine.transaction import DeployTransaction
from homeport.engine.kind import DesiredState

session.start_run([], DesiredState("shop", ()))
reverting.watch(session.current_host().state)
session.host_run().attach(DeployTransaction("shop", "1", {{}}, {outcome!r}))
server.shell(name="Well", commands=["true"])
"""


@pytest.mark.parametrize(("outcome", "code"), [("open", 1), ("confirmed", 0)])
def test_rollback_on_failure__a_run_that_leaves_a_deploy_unconfirmed_reverts_it_and_has_failed(
    folder: Path, outcome: str, code: int
) -> None:
    program = folder / "homeportctl"
    program.write_text('#!/bin/sh\necho "$*" >>calls\n')
    program.chmod(0o755)
    config = (folder / "config.py").read_text()
    known = f"from homeport.hostctl import protocol\nprotocol.PROGRAM = {str(program)!r}\n"
    (folder / "config.py").write_text(config + known)
    (folder / "deploy.py").write_text(DEPLOY.format(outcome=outcome))
    done = run(folder, "deploy.py")
    output = done.stdout + done.stderr
    assert done.returncode == code, output
    assert ("reverted: @local runs what it ran before" in output) is (code == 1)
    assert (folder / "calls").exists() is (code == 1)
