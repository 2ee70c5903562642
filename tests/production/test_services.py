"""Watchdogs are fed, timers are due, and the last run of a schedule did not fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from homeport.manifest.model.health import INTERVAL
from tests.production import slots
from tests.production.described.services import properties
from tests.production.recovery import until
from tests.production.subject import Subject
from tests.production.verdict import insist

SLACK = 5
"""Seconds that a host may take to start a program."""
PATIENCE = 5
"""Seconds for which an application is waited for that has no health."""
ACCURACY = timedelta(minutes=1)
"""How late systemd may be, unless a timer says otherwise."""


def test_watchdog_is_fed(subject: Subject, watched: str) -> None:
    found = properties(subject.answer("services"))
    unit = found[slots.unit(subject, watched)]
    limit = subject.app.processes[watched].watchdog or 0
    fed = int(unit["WatchdogTimestampMonotonic"]) / 1e6
    age = float(found["now"]["uptime"]) - fed
    insist(subject, fed, f"{watched} never told systemd that it is alive")
    insist(subject, age < limit, f"{watched} was last alive {age:.1f} s ago; it has {limit} s")


def test_watch_has_not_given_up(subject: Subject, alive: str) -> None:
    unit = f"{subject.app.watcher(alive)}.service"
    health = subject.app.processes[alive].health
    interval, timeout = (health.interval, health.timeout) if health else (INTERVAL, PATIENCE)

    def watch() -> str:
        output = subject.remote.check_output("systemctl show -p ActiveState,Result %s", unit)
        return " ".join(sorted(output.split()))

    # While it asks, the result is open; a watch that just failed asks again in a while.
    well = "ActiveState=inactive Result=success"
    found = until(watch, lambda state: state == well, interval + timeout + SLACK)
    insist(subject, found == well, f"{unit} failed: see journalctl -u {unit} ({found})")


def test_timer_is_due(subject: Subject, schedule: str) -> None:
    found = properties(subject.answer("services"))
    timer = found[f"{subject.app.unit(schedule)}.timer"]
    due = timer["NextElapseUSecRealtime"]
    insist(subject, timer["ActiveState"] == "active", f"the timer is {timer['ActiveState']}")
    insist(subject, due, "the timer has no next time")
    at = datetime.strptime(due, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    now = datetime.fromtimestamp(int(found["now"]["time"]), UTC)
    insist(subject, at > now - ACCURACY, f"the timer was due at {at}, and it is {now}")


def test_last_run_did_not_fail(subject: Subject, schedule: str) -> None:
    service = properties(subject.answer("services"))[f"{subject.app.unit(schedule)}.service"]
    failed = service["ActiveState"] == "failed"
    insist(subject, not failed, f"the last run ended with {service.get('Result')}")
