"""What hostctl.system.subprocesses promises."""

from __future__ import annotations

import pytest

from homeport.hostctl.system.subprocesses import MISSING, TIMEOUT, Commands


def test_subprocesses__a_program_says_what_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "somebody's own")
    run = Commands().run
    assert run(["sh", "-c", "cat; echo $A$PYTHONPATH; exit 3"], input="ü", env={"A": "b"}) == (
        3, "üb\n", "",
    )  # fmt: skip
    assert run(["cat"]) == (0, "", "")
    assert run(["/no/such/program"]).code == MISSING
    late = run(["sh", "-c", "echo before; exec sleep 60"], timeout=0.2)
    assert (late.code, late.out) == (TIMEOUT, "before\n")
    assert run(["printf", r"\377"]).out == "\ufffd"
