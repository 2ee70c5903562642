"""What a person asks by hand is answered, and an error in asking costs one line."""

from __future__ import annotations

import pytest

from homeport.hostctl.system.exit_codes import DONE
from homeport.hostctl.transaction import history
from tests.support.capture import Capture
from tests.support.rehearsed_host import APP, Rehearsed
from tests.support.shop_host import Shop
from tests.support.shop_versions import Version

FAULTS = {
    "dead": "nothing answers on port 80: nginx.service is inactive",
    "another": "nginx.service runs configuration feed",
    "no access": "the proxy reaches what serves",
}


def test_admin__the_status_says_what_runs_what_is_open_and_what_is_locked(
    rehearsed: Rehearsed, capsys: Capture
) -> None:
    rehearsed.begin()
    rehearsed.run("lock", "it is Friday", "--for", "2d", "--user", "eve")
    rehearsed.place.active.write_text(
        "version 1\nslot b\ngeneration 0123456789ab\nrelease /srv/shop/r/1\n"
    )
    history.add(rehearsed.place, {"what": "deploy", "outcome": "reverted", "reason": "no answer"})
    capsys.readouterr()
    assert rehearsed.run("status") == DONE
    assert capsys.readouterr().out.splitlines() == [
        "locked by eve since 2023-11-14T22:13:20Z, until 2023-11-16 22:13 UTC: it is Friday",
        "open: deploy of shop by eve@desk, since 2023-11-14T22:13:20Z; in progress",
        "shop: runs slot b, generation 0123456789ab, release /srv/shop/r/1",
        "shop: deploy d1 is open: armed, 900 s left",
        "shop: last: deploy reverted no answer",
    ]
    assert rehearsed.run("status", "other") == DONE
    assert "other: nothing is known of it" in capsys.readouterr().out


def test_admin__no_words_of_an_application_are_a_line_of_the_status(
    rehearsed: Rehearsed, capsys: Capture
) -> None:
    reason = "it says:\nother: runs slot a\u2028shop: last: deploy confirmed\x1b[2A"
    history.add(rehearsed.place, {"what": "deploy", "outcome": "reverted", "reason": reason})
    capsys.readouterr()
    assert rehearsed.run("status", APP) == DONE
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("shop: last: deploy reverted it says: other: runs slot a shop: last")
    assert rehearsed.run("history", APP) == DONE
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_admin__to_ask_changes_nothing(rehearsed: Rehearsed) -> None:
    assert rehearsed.run("status") == DONE
    assert rehearsed.run("history", APP) == DONE
    assert list(rehearsed.root.iterdir()) == []


def test_admin__the_status_names_what_should_run_and_does_not(shop: Shop, capsys: Capture) -> None:
    capsys.readouterr()
    assert shop.run("status", APP) == DONE
    assert "journalctl" not in capsys.readouterr().out
    shop.systemd.runs.clear()
    shop.systemd.failed |= {"shop-web@a.service", "shop-tidy.service"}
    assert shop.run("status", APP) == DONE
    assert [line for line in capsys.readouterr().out.splitlines() if "journalctl" in line] == [
        f"shop: {unit} is {state}: `journalctl -u {unit}` there says why"
        for unit, state in (
            ("shop-web@a.service", "failed"),
            ("shop-worker.service", "inactive"),
            ("shop-tidy.timer", "inactive"),
            ("shop-tidy.service", "failed"),
        )
    ]


def test_admin__the_status_names_a_proxy_that_does_not_run(shop: Shop, capsys: Capture) -> None:
    assert shop.deploy(Version("v2", proxy=True)) == 0
    capsys.readouterr()
    shop.run("status", APP)
    shown = capsys.readouterr().out
    assert "shop: nginx.service is inactive: " in shown
    assert "people" not in shown


@pytest.mark.parametrize("fault", FAULTS)
def test_admin__the_status_names_what_keeps_people_from_what_runs(
    shop: Shop, capsys: Capture, fault: str
) -> None:
    assert shop.deploy(Version("v2", proxy=True)) == 0
    shop.systemd.proxy = fault
    capsys.readouterr()
    assert shop.run("status", APP) == DONE
    assert (
        f"shop: people don't reach shop-web@b.service: {FAULTS[fault]}" in capsys.readouterr().out
    )
    shop.begin()
    capsys.readouterr()
    assert shop.run("status", APP) == DONE
    assert "people" not in capsys.readouterr().out


def test_admin__the_status_of_what_can_not_be_read_is_told_in_one_line(
    shop: Shop, capsys: Capture
) -> None:
    shop.place.processes.write_text("{")
    capsys.readouterr()
    assert shop.run("status", APP) == DONE
    assert str(shop.place.processes) in capsys.readouterr().out
