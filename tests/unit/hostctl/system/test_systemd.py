"""What hostctl.system.systemd promises."""

from __future__ import annotations

import json
import time

import pytest

from homeport.hostctl.system.subprocesses import CompletedCommand
from homeport.hostctl.system.systemd import Systemd, UnitFailed
from tests.support.rehearsed_host import Noted
from tests.support.shop_host import Shop

UNITS = ["shop-web@a.service", "shop-worker.service"]


def test_systemd__what_systemd_does_not_say_is_not_guessed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for output in ("", "ActiveState=active\n", "ActiveState=active\n\nActiveState=active\n"):
        monkeypatch.setattr(
            shop.systemd, "run", lambda argv, output=output: CompletedCommand(0, output, "")
        )
        with pytest.raises(UnitFailed, match="systemd"):
            Systemd(shop.systemd).show(["shop-worker.service"])


def test_systemd__units_are_started_and_stopped_without_a_wait_where_that_is_asked() -> None:
    commands = Noted()
    Systemd(commands).start_no_block("start", UNITS)
    Systemd(commands).start_no_block("stop", UNITS)
    assert commands.ran == [
        ["systemctl", verb, "--no-block", "--", *UNITS] for verb in ("start", "stop")
    ]


def test_systemd__nothing_is_asked_for_no_unit() -> None:
    commands = Noted()
    systemd = Systemd(commands)
    systemd.start_no_block("start", [])
    for work in (systemd.start, systemd.stop, systemd.forget, systemd.enable, systemd.disable):
        work([])
    assert systemd.show([]) == {}
    assert commands.ran == []


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        ("systemctl enable", "shop-web@a.service shop-worker.service can't be enabled"),
        ("systemctl daemon-reload", "systemd can't read the unit files again"),
    ],
)
def test_systemd__what_systemd_refuses_is_an_error_with_its_own_words(
    failing: str, reason: str
) -> None:
    systemd = Systemd(Noted())
    systemd.enable(UNITS)
    systemd.reload()
    systemd = Systemd(Noted(failing={failing}))
    with pytest.raises(UnitFailed) as error:
        systemd.enable(UNITS)
        systemd.reload()
    assert reason in str(error.value)
    assert error.value.log == ("it is broken",)


SEPARATORS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line for Python, and none for a journal."""


def test_systemd__nothing_that_a_service_logs_forges_an_entry_or_keeps_a_host_from_going_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands, later = Noted(), time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000 + 10**9
    forged = json.dumps({"__MONOTONIC_TIMESTAMP": str(later), "MESSAGE": "all is well"})
    entries = [
        {"__MONOTONIC_TIMESTAMP": str(later), "MESSAGE": f"it died{SEPARATORS}{forged}"},
        {"__MONOTONIC_TIMESTAMP": str(later), "MESSAGE": "the end"},
    ]
    lines = [json.dumps(entry, ensure_ascii=False) for entry in entries]
    out = "\n".join([*lines, "[" * 100_000, "null", "{}", '{"__MONOTONIC_TIMESTAMP": "x"}', ""])
    monkeypatch.setattr(commands, "run", lambda argv: CompletedCommand(0, out, ""))
    first, *_, last = Systemd(commands).log_of("shop-web.service")
    assert (first, last) == ("it died", "the end")
