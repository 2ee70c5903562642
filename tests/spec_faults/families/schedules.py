"""Damage of what is due: timers, schedules, watches, and what runs once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.spec_faults.damage import Damage
from tests.spec_faults.families.drop_ins import FALSE, drop_in
from tests.spec_faults.survey import ASIDE, Survey


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of all that runs when it is due."""
    yield from _schedules(survey)
    yield from _watches(survey)
    yield from _once(survey)


def _schedules(survey: Survey) -> Iterator[Damage]:
    for unit in list(survey.units):
        if not unit.startswith(f"{survey.app}-") or not unit.endswith(".timer"):
            continue
        name = unit.removeprefix(f"{survey.app}-").removesuffix(".timer")
        service = unit.replace(".timer", ".service")
        yield Damage(
            "Service",
            unit,
            f"{unit} is stopped",
            f"systemctl stop {unit}",
            f"systemctl start {unit}",
            ("timer",),
        )
        if survey.units[unit]["UnitFileState"] == "enabled":
            yield Damage(
                "Service",
                unit,
                f"{unit} is disabled",
                f"systemctl disable --quiet {unit}",
                f"systemctl enable --quiet {unit}",
            )
        if survey.units.get(service, {}).get("FragmentPath", "").startswith("/etc") and not (
            name.endswith("-health")
        ):
            yield from _schedule(survey, name, unit, service)


def _schedule(survey: Survey, name: str, unit: str, service: str) -> Iterator[Damage]:
    yield Damage(
        "test_timer_is_due",
        name,
        f"{unit} is not due",
        f"systemctl stop {unit}",
        f"systemctl start {unit}",
        ("timer",),
    )
    apply, undo = drop_in(service, FALSE)
    run = f"systemctl start {service} 2>/dev/null || :"
    yield Damage(
        "test_last_run_did_not_fail",
        name,
        f"the last run of {service} failed",
        f"{apply}; {run}; {undo}",
        f"systemctl reset-failed {service}",
    )
    yield Damage(
        "test_schedule_runs",
        name,
        f"{service} fails whenever it runs",
        apply,
        f"{undo}; systemctl reset-failed {service} || :",
        ("unit", "failed run"),
        disturbs=True,
    )


def _watches(survey: Survey) -> Iterator[Damage]:
    for unit in survey.units:
        found = re.fullmatch(rf"{survey.app}-(.+)-health\.service", unit)
        if found:
            apply, undo = drop_in(unit, FALSE)
            yield Damage(
                "test_watch_has_not_given_up",
                found[1],
                f"{unit} fails",
                f"{apply}; systemctl start {unit} 2>/dev/null || :",
                f"{undo}; systemctl reset-failed {unit} || :",
                ("unit",),
            )


def _once(survey: Survey) -> Iterator[Damage]:
    for name in survey.described.get("run_once", {}):
        unit = f"{survey.app}-{name}.service"
        record = f"/var/lib/homeport/{survey.app}/init/{name}"
        apply, undo = drop_in(unit, FALSE)
        yield Damage(
            "RunOnce",
            unit,
            f"the last run of {unit} failed",
            f"mv {record} {ASIDE}/record; {apply}; systemctl start {unit} 2>/dev/null || :;"
            f" {undo}; mv {ASIDE}/record {record}",
            f"systemctl reset-failed {unit}",
        )
