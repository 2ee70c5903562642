"""What a host has behind it is read from what it keeps, whatever state that is in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeport.deployment import history, reports
from homeport.deployment.history import Deploy, DeployHistory, HistoryQuery
from homeport.engine import kind, run
from homeport.engine.kind import DesiredState, ProbeOutput
from tests.support import real_shell
from tests.support.called_hostctl import calls
from tests.support.host_folders import Fleet

__all__ = ["calls"]


def test_history_is_a_table_with_the_newest_last(
    fleet: Fleet, calls: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def line(number: int) -> str:
        return json.dumps(
            {"version": 1, "who": "me", "outcome": f"c{number}", "stages": {"x": number}}
        )

    records = "".join(f"{line(number)}\n" for number in range(4))
    (calls.parent / "kept/shop/history").write_text(records)
    fleet.start("a", "b")
    current = str(calls.with_name("current"))

    def work() -> None:
        app = "shop" if run.current_host().name == "@fake/a" else "other"
        wanted = HistoryQuery(app, current, lines=2)
        run.start_run(reports.KINDS, kind.DesiredState(app, (wanted,)))
        reports.print_history()

    with caplog.at_level("INFO", logger="pyinfra"):
        fleet.on_each(work)
    lines = [record.message.rpartition("] ")[2].split() for record in caplog.records]
    assert lines == [
        [*reports.HEADS],
        ["-", "me", *"----", "c2", "2.0", "-"],
        ["-", "me", *"----", "c3", "3.0", "-"],
        ["now:", "new"],
        ["no", "deploys", "yet"],
        ["now:", "new"],
    ]
    assert not any(fleet.commands.values())


LINE = {
    "id": "20261121T204500Z-1",
    "what": "deploy",
    "who": "me@desk",
    "when": "2026-11-21T20:45:00Z",
    "commit": "0123456789abcdef",
    "dirty": True,
    "release": "/srv/shop/releases/abc-def",
    "generation": "0a1b2c3d4e5f",
    "outcome": "reverted",
    "reason": "web is not ready",
    "stages": {"started": 1.25, "ready": 0.5},
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(history.protocol, "STATE", str(tmp_path / "kept"))
    (tmp_path / "kept/shop").mkdir(parents=True)
    return tmp_path / "kept/shop"


def seen(place: Path, lines: int = 1, patience: int = 0) -> DeployHistory:
    wanted = HistoryQuery("shop", f"{place.parent}/current it's", lines, patience)
    script = history.probe(DesiredState("shop", (wanted,)), "key")
    return history.read(ProbeOutput(real_shell.checked(script), "key"))


def test_history__a_host_that_nothing_was_deployed_to_has_nothing_behind_it(place: Path) -> None:
    assert seen(place) == DeployHistory()
    place.rmdir()
    assert seen(place) == DeployHistory()


def test_history__the_release_and_the_last_deploys_are_told(place: Path) -> None:
    (place.parent / "current it's").symlink_to("/srv/shop/releases/abc-def")
    lines = [json.dumps({**LINE, "version": 1, "outcome": str(number)}) for number in range(9)]
    (place / "history").write_text("\n".join(lines) + "\n")
    found = seen(place, 3)
    assert found.release == "abc-def"
    assert [deploy.outcome for deploy in found.deploys[-3:]] == ["6", "7", "8"]


def test_history__a_line_is_put_in_words() -> None:
    assert history.deploy_of(LINE) == Deploy(
        when="2026-11-21T20:45:00Z",
        who="me@desk",
        what="deploy",
        commit="0123456789ab, dirty",
        release="abc-def",
        generation="0a1b2c3d4e5f",
        outcome="reverted",
        reason="web is not ready",
        seconds="1.8",
    )
    assert history.deploy_of({"reason": None, "when": None, "stages": {"a": "b"}}) == Deploy()
    assert history.deploy_of({"when": 1_000_000_000}).when == "2001-09-09 01:46:40"


@pytest.mark.parametrize("torn", ['{"outcome": "conf', "\x00\x00", "7", "\udcff"])
def test_history__a_line_that_was_torn_is_left_out(place: Path, torn: str) -> None:
    line = json.dumps({**LINE, "version": 1})
    (place / "history").write_bytes(f"{line}\n{torn}".encode(errors="surrogateescape"))
    script = history.probe(DesiredState("shop", (HistoryQuery("shop", "/x"),)), "key")
    out = real_shell.run(script).stdout.decode(errors="replace")
    assert [deploy.who for deploy in history.read(ProbeOutput(out, "key")).deploys] == ["me@desk"]


def test_history__an_open_deploy_is_told_and_waited_for_no_longer_than_asked(place: Path) -> None:
    (place / "journal").touch()
    assert seen(place, patience=1).opened


LOCK = {"version": 1, "who": "me", "reason": "x"}


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        ({**LOCK}, "me: x"),
        (
            {"version": 1, "who": "me", "reason": "x", "until": 4e9},
            "me until 2096-10-02 07:06:40: x",
        ),
        ({**LOCK, "until": 1}, ""),
        ([], "unknown: no reason is given"),
    ],
)
def test_history__a_lock_is_told_until_its_time_is_up(
    place: Path, lock: object, message: str
) -> None:
    (place.parent / "lock").write_text(json.dumps(lock) + "\n")
    assert seen(place).locked == message


@pytest.mark.parametrize(
    ("passed", "until", "locked"), [(10, 1, True), (200, 4e9, False)], ids=["ahead", "behind"]
)
def test_history__a_clock_that_jumped_neither_ends_a_lock_nor_makes_it_longer(
    place: Path, passed: int, until: float, locked: bool
) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    moment = {"boot": boot, "mono": uptime - passed}
    lock = {"version": 1, "who": "me", "reason": "x", "until": until, "for": 100, "moment": moment}
    (place.parent / "lock").write_text(json.dumps(lock) + "\n")
    assert bool(seen(place).locked) is locked


def test_history__what_nobody_says_is_not_understood() -> None:
    with pytest.raises(ValueError):
        history.read(ProbeOutput("release x", "key"))


def test_history__there_is_nothing_in_it_to_change() -> None:
    description = DesiredState("shop", ())
    assert history.diff(description, DeployHistory()) == []
    assert history.KIND.apply is None
    assert history.probe(description, "key") == ":\n"
