"""What a person asks by hand is answered, and a mistake in asking costs one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeport.hostctl import __main__ as command
from homeport.hostctl.snapshots import pins
from homeport.hostctl.system.clock import Clock
from homeport.hostctl.system.disk_reserve import Reserve
from homeport.hostctl.system.exit_codes import DONE, REFUSED, USAGE
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.system.subprocesses import MISSING, TIMEOUT, Commands
from homeport.hostctl.transaction import history
from tests.unit.release.hosting import APP, Rehearsed

Said = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "argv",
    [[], ["fly"], ["begin"], ["begin", "shop", "more"], ["keep", "shop", "d1"], ["pin", "shop"],
     ["unlock", "now"], ["history", "shop", "many"], ["history", "-"], ["lock", "--for", "2d"],
     ["lock", "why", "--for"], ["lock", "why", "--for", "0d"], ["lock", "why", "--for", "2 days"]],
)  # fmt: skip
def test_a_command_that_is_not_understood_ends_with_one_line(
    rehearsed: Rehearsed, capsys: Said, argv: list[str]
) -> None:
    assert rehearsed.run(*argv) == USAGE
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert not rehearsed.place.state.exists()


@pytest.mark.parametrize("name", sorted(command.VERBS))
def test_every_verb_is_there_and_says_what_it_does(name: str) -> None:
    verb = command.VERBS[name]
    module, _, function = verb.does.partition(":")
    found = getattr(command.import_module(f"homeport.hostctl.verbs.{module}"), function)
    assert found.__doc__
    assert verb.usage.split()[0] == name


def test_a_lock_stands_until_it_is_unlocked(rehearsed: Rehearsed, capsys: Said) -> None:
    assert rehearsed.run("lock", "the disk is changed", "--by", "eve") == DONE
    rehearsed.clock.told += 1e8
    rehearsed.clock.reboot()
    assert rehearsed.begin() == REFUSED
    assert rehearsed.run("unlock") == DONE
    assert rehearsed.begin() == DONE
    assert "until it is unlocked: the disk is changed" in capsys.readouterr().out


def test_a_lock_ends_by_itself(rehearsed: Rehearsed) -> None:
    rehearsed.run("lock", "it is Friday", "--for", "3h")
    rehearsed.clock.passed += 3 * 3600 - 1
    assert rehearsed.begin() == REFUSED
    rehearsed.clock.passed += 1
    assert rehearsed.begin() == DONE


def test_a_clock_that_jumps_ends_no_lock(rehearsed: Rehearsed) -> None:
    rehearsed.run("lock", "it is Friday", "--for", "3h")
    rehearsed.clock.told += 1e9
    assert rehearsed.begin() == REFUSED


def test_a_reboot_leaves_a_lock_to_the_clock_on_the_wall(rehearsed: Rehearsed) -> None:
    rehearsed.run("lock", "it is Friday", "--for", "30m")
    rehearsed.clock.reboot()
    assert rehearsed.begin() == REFUSED
    rehearsed.clock.told += 1800
    assert rehearsed.begin() == DONE


def test_a_lock_that_cannot_be_read_is_one(rehearsed: Rehearsed) -> None:
    rehearsed.place.state.mkdir(parents=True)
    rehearsed.place.lock.write_text("{")
    assert rehearsed.begin() == REFUSED


def test_the_status_says_what_runs_what_is_open_and_what_is_locked(
    rehearsed: Rehearsed, capsys: Said
) -> None:
    rehearsed.begin()
    rehearsed.run("lock", "it is Friday", "--for", "2d", "--by", "eve")
    rehearsed.place.active.write_text("slot b\ngeneration 0123456789ab\nrelease /srv/shop/r/1\n")
    history.add(rehearsed.place, {"what": "deploy", "outcome": "reverted", "reason": "no answer"})
    capsys.readouterr()
    assert rehearsed.run("status") == DONE
    assert capsys.readouterr().out.splitlines() == [
        "locked by eve since 2023-11-14T22:13:20Z, until 2023-11-16 22:13 UTC: it is Friday",
        "open: deploy of shop by eve@desk, since 2023-11-14T22:13:20Z; somebody holds it",
        "shop: runs slot b, generation 0123456789ab, release /srv/shop/r/1",
        "shop: deploy d1 is open: armed, 900 s left",
        "shop: last: deploy reverted no answer",
    ]
    assert rehearsed.run("status", "other") == DONE
    assert "other: nothing is known of it" in capsys.readouterr().out


def test_to_ask_changes_nothing(rehearsed: Rehearsed) -> None:
    assert rehearsed.run("status") == DONE
    assert rehearsed.run("history", APP) == DONE
    assert list(rehearsed.root.iterdir()) == []


def test_the_history_is_a_table_or_what_a_machine_reads(rehearsed: Rehearsed, capsys: Said) -> None:
    old = {"when": "2026-01-01T00:00:00Z", "what": "deploy", "outcome": "confirmed", "who": "eve",
           "commit": "0123456789abcdef", "dirty": True, "release": "/srv/shop/releases/r1",
           "stages": {"started": 1.25, "soaked": 5.0}, "reason": None}  # fmt: skip
    new = {**old, "outcome": "reverted", "dirty": False, "reason": "two\nlines", "stages": {}}
    history.add(rehearsed.place, old)
    history.add(rehearsed.place, new)
    with rehearsed.place.history.open("a") as file:
        file.write('{"torn')
    assert rehearsed.run("history", APP) == DONE
    table = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert [[cell.strip() for cell in row if cell.strip()] for row in table] == [
        ["when", "what", "outcome", "who", "commit", "release", "seconds", "reason"],
        ["2026-01-01T00:00:00Z", "deploy", "confirmed", "eve", "0123456789ab (dirty)", "r1",
         "6.2", "-"],
        ["2026-01-01T00:00:00Z", "deploy", "reverted", "eve", "0123456789ab", "r1", "-",
         "two lines"],
    ]  # fmt: skip
    for count, wanted in (("1", [new]), ("0", []), ("9", [old, new])):
        assert rehearsed.run("history", APP, count, "--json") == DONE
        assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == wanted


def test_a_pin_names_what_is_there_and_keeps_what_a_person_wrote(rehearsed: Rehearsed) -> None:
    (rehearsed.place.releases / "r1").mkdir(parents=True)
    (rehearsed.place.generations / "0123456789ab").mkdir(parents=True)
    rehearsed.place.pins.write_text("r0   # for the auditors\n\n# nothing else\n")
    assert rehearsed.run("pin", APP, "r9") == REFUSED
    for name in ("r1", "0123456789ab", "r1"):
        assert rehearsed.run("pin", APP, name) == DONE
    assert pins.read(rehearsed.place) == ["r0", "r1", "0123456789ab"]
    assert rehearsed.run("unpin", APP, "r1") == DONE
    assert rehearsed.run("unpin", APP, "r1") == REFUSED
    assert rehearsed.place.pins.read_text() == (
        "r0   # for the auditors\n\n# nothing else\n0123456789ab\n"
    )


def test_a_pin_cannot_name_what_lies_elsewhere(rehearsed: Rehearsed) -> None:
    (rehearsed.place.releases / "r1").mkdir(parents=True)
    for name in ("..", "r1/../r1", "", "."):
        assert rehearsed.run("pin", APP, name) == REFUSED


def test_the_clock_is_the_one_that_the_kernel_shows() -> None:
    clock = Clock()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    moment = clock.moment()
    assert uptime - 0.02 <= moment["mono"]
    assert moment["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert clock.since({**moment, "mono": moment["mono"] - 5}) > 4.99  # type: ignore[operator]
    for other in (None, {}, {**moment, "boot": "another"}, {**moment, "mono": None}):
        assert clock.since(other) is None


def test_a_program_says_what_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_the_applications_of_a_host_are_those_with_a_folder_of_their_own(tmp_path: Path) -> None:
    assert AppPaths("", tmp_path).apps() == []
    for name in ("shop", "_host", ".hidden", "attic"):
        (tmp_path / "var/lib/homeport" / name).mkdir(parents=True)
    (tmp_path / "var/lib/homeport/lease").touch()
    Reserve(AppPaths("", tmp_path).reserve).make()
    assert AppPaths("", tmp_path).apps() == ["attic", "shop"]
