"""What hostctl.transaction.history promises."""

from __future__ import annotations

import json

from homeport.hostctl.system.exit_codes import DONE
from homeport.hostctl.transaction import history
from tests.support.capture import Capture
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
