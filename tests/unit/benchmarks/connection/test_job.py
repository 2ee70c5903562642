"""A job is laid, cleared and judged in a project's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.connection import job
from benchmarks.connection.job import EXEC, SEND
from benchmarks.contenders import Reach
from homeport.errors import UserError

HOSTS = [Reach("h001", "127.0.0.1", 4022, "root", Path("key"), Path("known"))]


def test_job__true_leaves_nothing(tmp_path: Path) -> None:
    EXEC.lay(tmp_path)
    EXEC.clear(tmp_path)
    EXEC.judge(tmp_path, HOSTS)
    assert list(tmp_path.iterdir()) == []


def test_job__a_file_has_to_arrive_whole_in_each_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "SIZE", 10)
    SEND.lay(tmp_path)
    assert len((tmp_path / "payload").read_bytes()) == 10
    assert "host.data.ssh_port" in (tmp_path / "send.py").read_text()
    arrived = tmp_path / "arrived/4022"
    for text in ("0123456789", "012"):
        SEND.clear(tmp_path)
        with pytest.raises(UserError, match="h001 didn't get the file"):
            SEND.judge(tmp_path, HOSTS)
        arrived.write_text(text)
        if len(text) == 10:
            SEND.judge(tmp_path, HOSTS)
    with pytest.raises(UserError):
        SEND.judge(tmp_path, HOSTS)
