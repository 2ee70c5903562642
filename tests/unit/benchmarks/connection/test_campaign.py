"""Every way takes its turn in each round, and a kept login is that of the run before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.connection import campaign as module
from benchmarks.connection import job
from benchmarks.connection.campaign import Campaign, command
from benchmarks.connection.job import EXEC, SEND
from benchmarks.connection.servers import Servers
from benchmarks.meter import Cost
from homeport.errors import UserError


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """Return a campaign on servers that aren't there."""
    monkeypatch.setattr(job, "SIZE", 10)
    (tmp_path / "host.pub").write_text("ssh-ed25519 AAAA comment\n")
    return Campaign(tmp_path, Servers(tmp_path, (4022, 4023)), lambda words: None)


class Meter:
    """Takes every command as run, and notes which connector it was for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> None:
        self.groups: list[list[str]] = []
        self.configured: list[bool] = []
        self._code = code
        monkeypatch.setattr(module, "measuring", self.measuring)

    @contextmanager
    def measuring(
        self, folder: Path, environment: Mapping[str, str], timeout: float
    ) -> Iterator[Callable[[Sequence[str]], Cost]]:
        self.groups.append([])

        def run(command: Sequence[str]) -> Cost:
            text = (folder / "inventory.py").read_text()
            self.groups[-1].append("@openssh" if "'@openssh/h001'" in text else "@ssh")
            self.configured.append("ssh_config_file" in text)
            return Cost(1.0, 0.5, 2**20, self._code, "first\nConnection refused\n")

        yield run


def test_campaign__who_begins_alternates_and_a_login_is_kept_within_a_round(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = Meter(monkeypatch)
    runs = list(campaign.cell(EXEC, 2, 0.0, 2))
    both = ["@openssh", "@openssh"]
    assert meter.groups == [["@ssh"], both, ["@openssh"], both, ["@openssh"], ["@ssh"]]
    ways = ["ssh", "openssh", "openssh-next", "openssh-curve25519"]
    assert [(run.way, run.round) for run in runs] == [
        *((way, 0) for way in ways),
        *((way, 1) for way in (*ways[1:], "ssh")),
    ]
    assert {(run.hosts, run.turns) for run in runs} == {(2, 0)}


def test_campaign__a_login_takes_the_key_exchange_of_its_way(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    meter = Meter(monkeypatch)
    list(campaign.cell(EXEC, 1, 0.0, 1))
    assert meter.configured == [False, False, False, True]
    assert (tmp_path / "work/ssh_config").read_text() == "KexAlgorithms curve25519-sha256\n"


def test_campaign__a_run_that_fails_is_no_figure(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    Meter(monkeypatch, code=1)
    with pytest.raises(UserError, match="over @ssh ended with code 1: Connection refused"):
        list(campaign.cell(EXEC, 1, 0.0, 1))


def test_campaign__a_run_that_sends_nothing_is_no_figure(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    Meter(monkeypatch)
    with pytest.raises(UserError, match="didn't get the file"):
        list(campaign.cell(SEND, 1, 0.0, 1))


def test_campaign__the_command_is_that_of_a_user() -> None:
    words = ["-y", "inventory.py", "exec", "--", "true"]
    assert command(EXEC)[-5:] == words
    assert Path(command(EXEC)[-6]).name == "pyinfra"
