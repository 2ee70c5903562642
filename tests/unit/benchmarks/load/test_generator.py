"""The load in a process of its own, by the way that it is sent on, and the memory beside it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.load import generator
from benchmarks.load.authority import Authority
from benchmarks.load.bare_server import plain
from benchmarks.load.figures import figures
from benchmarks.load.generator import generating
from benchmarks.load.latency import away
from benchmarks.load.load import Plan
from benchmarks.load.samples import GET, OPEN, POST, SLOW, read
from benchmarks.load.target import Target
from homeport.errors import UserError

RTT = 0.02
LOAD = Plan(rate=50, slow=0.1)


def test_generator__nothing_fails_on_a_plain_server_at_the_end_of_a_long_way(
    tmp_path: Path,
) -> None:
    with plain(Authority(tmp_path / "authority")) as server, away(server, RTT) as target:
        assert target.port != server.port
        with generating(target, LOAD, tmp_path / "samples"):
            time.sleep(1)
    samples = list(read(tmp_path / "samples"))
    found = figures(samples)
    assert found.failed == {}
    assert {GET, POST, SLOW, OPEN} <= found.sent.keys()
    assert min(sample.took for sample in samples) >= RTT


def test_generator__another_authority_than_the_servers_is_no_way_in(tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    with plain(Authority(tmp_path / "authority")) as server:
        target = Target(server.name, server.address, server.port, str(stranger.certificate))
        with generating(target, LOAD, tmp_path / "samples"):
            pass
    assert figures(read(tmp_path / "samples")).failures


def test_generator__a_load_that_ends_by_itself_is_an_error(
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
