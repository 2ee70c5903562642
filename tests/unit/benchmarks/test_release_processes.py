"""The load in a process of its own, by the way that it is sent on, and the memory beside it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from benchmarks.load import generator, memory
from benchmarks.load.authority import Authority
from benchmarks.load.bare_server import plain
from benchmarks.load.figures import figures
from benchmarks.load.generator import generating
from benchmarks.load.latency import away
from benchmarks.load.load import Plan
from benchmarks.load.memory import Memory
from benchmarks.load.samples import GET, OPEN, POST, SLOW, read
from benchmarks.load.target import Target
from homeport.errors import UserError
from lab import paths as place

RTT = 0.02
LOAD = Plan(rate=50, slow=0.1)


def test_nothing_fails_on_a_plain_server_at_the_end_of_a_long_way(tmp_path: Path) -> None:
    with plain(Authority(tmp_path / "authority")) as server, away(server, RTT) as target:
        assert target.port != server.port
        with generating(target, LOAD, tmp_path / "samples"):
            time.sleep(1)
    samples = list(read(tmp_path / "samples"))
    found = figures(samples)
    assert found.failed == {}
    assert {GET, POST, SLOW, OPEN} <= found.sent.keys()
    assert min(sample.took for sample in samples) >= RTT


def test_another_authority_than_the_servers_is_no_way_in(tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    with plain(Authority(tmp_path / "authority")) as server:
        target = Target(server.name, server.address, server.port, str(stranger.certificate))
        with generating(target, LOAD, tmp_path / "samples"):
            pass
    assert figures(read(tmp_path / "samples")).failures


def test_a_load_that_ends_by_itself_is_a_mistake(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "BEGIN", 10.0)
    nowhere = Target("ticker.test", "127.0.0.1", 1, str(tmp_path / "no such authority"))
    with (
        pytest.raises(UserError, match="no answer"),
        generating(nowhere, LOAD, tmp_path / "samples"),
    ):
        raise AssertionError("it has begun")
    assert "No such file" in capfd.readouterr().err


def test_memory_is_that_of_the_units_that_are_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "top", lambda: tmp_path)
    units = tmp_path / place.place().machine("web") / "payload/system.slice"
    slot, other = units / "system-x.slice/x-web@a.service", units / "nginx.service"
    for group, pid in ((slot, os.getpid()), (other, 2**22 + 1)):
        group.mkdir(parents=True)
        (group / "cgroup.procs").write_text(f"{pid}\n")
    with Memory("web", "x") as seen:
        time.sleep(memory.SAMPLE * 2)
    assert seen.peak["the application"] > 1 << 20
    # Processes that have ended since have nothing.
    assert seen.peak["nginx"] == 0


def test_a_host_that_is_not_there_has_no_memory_to_measure() -> None:
    with pytest.raises(UserError, match="no control group"):
        Memory("nobody", "x")
