"""Why a process could not listen is told by its log, with the setting that changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.hostctl.serving.bind_errors import explain


@pytest.mark.parametrize(
    "line",
    [
        "OSError: [Errno 98] Address already in use",
        "[ERROR] Connection in use: ('0.0.0.0', 8000)",
        "error: [Errno 98] error while attempting to bind on address",
    ],
)
def test_bind_errors__a_port_that_is_taken_is_named_with_the_fix(line: str, tmp_path: Path) -> None:
    assert explain(["Traceback", line], 8000, tmp_path) == (
        ": port 8000 is taken. Fix: stop what listens there, or give the process another port"
        " (processes.NAME.listen)"
    )


def test_bind_errors__a_port_of_roots_is_named_with_the_fix(tmp_path: Path) -> None:
    denied = ["PermissionError: [Errno 13] Permission denied"]
    assert "may not listen on port 443, below 1024. Fix: give" in explain(denied, 443, tmp_path)
    assert explain(denied, 8000, tmp_path) == ""


def test_bind_errors__a_log_of_something_else_explains_nothing(tmp_path: Path) -> None:
    assert explain(["KeyError: 'x'"], 8000, tmp_path) == ""
    assert explain(["Address already in use"], 0, tmp_path) == ""
