"""Why a process could not listen is told by its log, with the setting that changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.hostctl.serving.bind_errors import explain
from homeport.hostctl.serving.finding import Finding
from tests.support.proc_tables import bind, process


@pytest.mark.parametrize(
    "line",
    [
        "OSError: [Errno 98] Address already in use",
        "[ERROR] Connection in use: ('0.0.0.0', 8000)",
        "error: [Errno 98] error while attempting to bind on address",
        "Error: That port is already in use.",
        "listen tcp :8000: bind: address already in use",
        "probably another instance of uWSGI is running on the same address (:8000).",
    ],
)
def test_bind_errors__a_port_that_is_taken_is_named_with_the_fix(line: str, tmp_path: Path) -> None:
    found = explain(["Traceback", line], 8000, tmp_path)
    assert found == Finding(
        "port 8000 is taken. Fix: stop what listens there, or give the process another port"
        " (processes.NAME.listen)",
        lasting=True,
    )
    bind(tmp_path, 8000, 11)
    process(tmp_path, 9, "/system.slice/squatter.service", 11)
    found = explain([line], 8000, tmp_path)
    assert found is not None
    assert "taken: python3 (pid 9, squatter.service) listens there. Fix: " in found.text
    assert found.of_host


def test_bind_errors__a_port_of_roots_is_named_with_the_fix(tmp_path: Path) -> None:
    for line in (
        "PermissionError: [Errno 13] Permission denied",
        "Error: You don't have permission to access that port.",
        "twisted.internet.error.CannotListenError: Couldn't listen on any:443: [Errno 13] x.",
    ):
        found = explain([line], 443, tmp_path)
        assert found is not None
        assert "may not listen on port 443, below 1024. Fix: give" in found.text
        assert not found.of_host
        assert explain([line], 8000, tmp_path) is None


def test_bind_errors__a_log_of_something_else_explains_nothing(tmp_path: Path) -> None:
    assert explain(["KeyError: 'x'"], 8000, tmp_path) is None
    assert explain(["Address already in use"], 0, tmp_path) is None
