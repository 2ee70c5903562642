"""What hostctl.transaction.history promises."""

from __future__ import annotations

import json

import pytest

from homeport.hostctl.system import atomic_files
from homeport.hostctl.system.exit_codes import DONE
from homeport.hostctl.system.records import encode
from homeport.hostctl.transaction import history
from tests.support.capture import Capture
from tests.support.disk_faults import Cut, Power, powered
from tests.support.rehearsed_host import APP, Rehearsed


def test_history_is_a_table_or_what_a_machine_reads(rehearsed: Rehearsed, capsys: Capture) -> None:
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


def record(number: int, **facts: object) -> dict[str, object]:
    """Return what became of a deploy of that number."""
    return {"id": f"d{number}", "outcome": "reverted", "reason": None, "stages": {}, **facts}


def grown(rehearsed: Rehearsed, count: int, **facts: object) -> None:
    """Have a history of so many deploys."""
    lines = (encode(record(number, **facts), number) for number in range(1, count + 1))
    rehearsed.place.own.mkdir(parents=True, exist_ok=True)
    rehearsed.place.history.write_text("".join(lines))


def test_history__its_older_half_goes_when_it_is_full_and_it_says_how_many_went(
    rehearsed: Rehearsed, capsys: Capture
) -> None:
    grown(rehearsed, history.NUMBER)
    assert history.dropped(rehearsed.place) == 0
    total = history.NUMBER * 3
    for number in range(history.NUMBER + 1, total + 1):
        history.add(rehearsed.place, record(number))  # type: ignore[arg-type]  # as it is kept
        listing = atomic_files.listing(rehearsed.place.history)
        assert len(listing.records) <= history.NUMBER
        assert listing.damage == ()
        assert listing.dropped + len(listing.records) == number
    found = history.read(rehearsed.place)
    dropped = history.dropped(rehearsed.place)
    assert dropped >= total - history.NUMBER
    assert [each["id"] for each in found] == [f"d{n}" for n in range(dropped + 1, total + 1)]
    assert history.read(rehearsed.place, total) == found
    assert rehearsed.run("history", APP) == DONE
    assert capsys.readouterr().out.splitlines()[0] == f"{dropped} older ones are dropped"
    assert rehearsed.run("history", APP, "5") == DONE
    assert "dropped" not in capsys.readouterr().out
    assert rehearsed.run("history", APP, "--json") == DONE
    output = capsys.readouterr()
    assert [json.loads(line) for line in output.out.splitlines()] == found
    assert output.err == f"{dropped} older ones are dropped\n"


def test_history__its_bytes_have_a_limit_and_so_has_a_record(rehearsed: Rehearsed) -> None:
    long = record(0, reason="x" * 10**6, complaints=["y" * 10**5] * 10**3, id="long")
    for _ in range(60):
        history.add(rehearsed.place, long)  # type: ignore[arg-type]  # as it is kept
        assert rehearsed.place.history.stat().st_size < history.SIZE + 2**16
    lines = rehearsed.place.history.read_text().splitlines()
    assert max(map(len, lines)) < 2**16
    assert history.read(rehearsed.place, 1)[0]["complaints"][-1] == "and 980 more"
    assert history.dropped(rehearsed.place) > 0


def test_history__what_was_confirmed_last_is_known_however_long_ago(rehearsed: Rehearsed) -> None:
    grown(rehearsed, history.NUMBER)
    first = encode(record(1, outcome="confirmed", commit="c1"), 1)
    lines = rehearsed.place.history.read_text().splitlines(keepends=True)
    rehearsed.place.history.write_text("".join([first, *lines[1:]]))
    for number in range(history.NUMBER + 1, history.NUMBER * 3):
        history.add(rehearsed.place, record(number))  # type: ignore[arg-type]  # as it is kept
    head = json.loads(rehearsed.place.history.read_text().splitlines()[0])
    assert (head["commit"], head["dropped"]) == ("c1", history.dropped(rehearsed.place))
    assert all(each["outcome"] != "confirmed" for each in history.read(rehearsed.place))


def test_history__damage_before_and_after_it_was_shortened_is_damage(rehearsed: Rehearsed) -> None:
    grown(rehearsed, history.NUMBER)
    lines = rehearsed.place.history.read_text().splitlines(keepends=True)
    lines[-3] = lines[-3].replace("reverted", "confirme")
    rehearsed.place.history.write_text("".join(lines))
    history.add(rehearsed.place, record(history.NUMBER + 1))  # type: ignore[arg-type]  # as above
    assert atomic_files.listing(rehearsed.place.history).damage
    grown(rehearsed, history.NUMBER)
    history.add(rehearsed.place, record(history.NUMBER + 1))  # type: ignore[arg-type]  # as above
    shortened = rehearsed.place.history.read_text().splitlines(keepends=True)
    for lost in (0, 1, 2):
        left = [line for number, line in enumerate(shortened) if number != lost]
        rehearsed.place.history.write_text("".join(left))
        assert atomic_files.listing(rehearsed.place.history).damage


def test_history__a_power_cut_while_it_is_shortened_loses_nothing_of_what_stays(
    rehearsed: Rehearsed,
) -> None:
    def fresh() -> None:
        grown(rehearsed, history.NUMBER)

    new = record(history.NUMBER + 1)
    fresh()
    with powered(Power()) as whole:
        history.add(rehearsed.place, new)  # type: ignore[arg-type]  # as it is kept
    for at in range(1, whole.steps + 1):
        fresh()
        with powered(Power(at)), pytest.raises(Cut):
            history.add(rehearsed.place, new)  # type: ignore[arg-type]  # as it is kept
        listing = atomic_files.listing(rehearsed.place.history)
        assert listing.damage == ()
        assert len(listing.records) + listing.dropped in (history.NUMBER, history.NUMBER + 1)
        history.add(rehearsed.place, new)  # type: ignore[arg-type]  # as it is kept
        assert history.read(rehearsed.place)[-1] == new


def test_history__a_line_is_told_from_another_by_its_id(rehearsed: Rehearsed) -> None:
    assert history.last_id([]) is None
    assert history.last_id(['{"id": "d1"}', '{"id": "d2", "version": 99}', '{"id": "to']) == "d2"
    assert history.last_id(["[1]", '{"id": 1}', "[" * 99999, "null"]) is None
    grown(rehearsed, 3)
    assert history.last_id(history.tail(rehearsed.place)) == "d3"
