"""Damage of services: what runs, what starts it, and what it listens on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.spec_faults import ways
from tests.spec_faults.damage import Damage
from tests.spec_faults.families.drop_ins import drop_in, masked, template
from tests.spec_faults.survey import Survey

LAX = (
    "NoNewPrivileges PrivateDevices PrivateTmp ProtectHome ProtectKernelModules RestrictNamespaces"
    " ProtectKernelTunables ProtectControlGroups RestrictRealtime PrivateUsers ProtectClock"
)
OPEN = "[Service]\\n" + "".join(f"{name}=no\\n" for name in LAX.split())
OPEN += "ProtectSystem=no\\nSystemCallFilter=\\nRestrictAddressFamilies=\\n"


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of all that runs."""
    yield from _services(survey)
    yield from _ports(survey)
    yield from _programs(survey)


def _running(survey: Survey) -> list[str]:
    return [u for u in survey.services(ActiveState="active") if u.endswith(".service")]


def _services(survey: Survey) -> Iterator[Damage]:
    for unit in _running(survey):
        kind = "SlotUnit" if "@" in unit else "Unit"
        service = template(unit)
        start = f"systemctl start {unit}; sleep 1"
        yield Damage(
            "Service",
            service,
            f"{unit} is stopped",
            f"systemctl stop {unit}",
            start,
            ("down", "proxy"),
        )
        for name, text in {"other settings": "[Service]\\nMemoryMax=1G\\n", "nothing": ""}.items():
            for folder in ("/etc/systemd/system", "/run/systemd/system"):
                apply, undo = drop_in(unit, text, folder)
                yield Damage(
                    kind, service, f"{folder} has a drop-in of {unit}, with {name}", apply, undo
                )
        apply, undo = drop_in(f"{survey.app}-.service", "[Service]\\nMemoryMax=1G\\n")
        yield Damage(
            kind,
            service,
            f"a drop-in changes {unit} and its like",
            apply,
            undo,
            ("Unit", "SlotUnit"),
        )
        yield Damage(
            kind,
            service,
            f"{unit} is masked",
            *masked(unit),
            ("unit",),
        )
        if survey.units[unit]["UnitFileState"] == "enabled":
            yield Damage(
                "Service",
                service,
                f"{unit} is disabled",
                f"systemctl disable --quiet {unit}",
                f"systemctl enable --quiet {unit}",
            )
        apply, undo = drop_in(unit, OPEN)
        case = service.removesuffix(".service").removesuffix("@")
        yield Damage(
            "test_service_is_shut_in",
            case,
            f"the sandbox of {unit} is open",
            apply,
            undo,
            ("unit",),
        )
        apply, undo = drop_in(unit, "[Service]\\nRestart=no\\n")
        process = case.removeprefix(f"{survey.app}-")
        yield Damage(
            "test_killed_process_comes_back",
            process,
            f"{unit} is not started again when it dies",
            apply,
            f"{undo}; {start}",
            ("unit", "down", "proxy"),
            disturbs=True,
        )
        yield from _watched(survey, unit, process, start)


def _watched(survey: Survey, unit: str, process: str, start: str) -> Iterator[Damage]:
    if survey.units[unit].get("WatchdogUSec") in (None, "0", "infinity"):
        return
    apply, undo = drop_in(unit, "[Service]\\nWatchdogSec=0\\n")
    restart = f"systemctl restart {unit}"
    yield Damage(
        "test_watchdog_is_fed",
        process,
        f"{unit} is restarted without a watchdog",
        f"{apply}; {restart}; sleep 1",
        f"{undo}; {restart}; sleep 1",
        ("unit", "down"),
    )
    yield Damage(
        "test_frozen_process_is_replaced",
        process,
        f"{unit} has no watchdog and is frozen",
        f"{apply}; {restart}; sleep 1",
        f"{undo}; systemctl kill -s KILL {unit}; {restart}; sleep 1",
        ("unit", "down"),
        disturbs=True,
    )


def _ports(survey: Survey) -> Iterator[Damage]:
    for name, process in survey.described["processes"].items():
        unit = f"{survey.app}-{name}.service"
        if not isinstance(process.get("listen"), int) or unit not in survey.units:
            continue
        port = process["listen"]
        yield Damage(
            "test_answers_from_outside",
            f"{name}/*",
            f"no answer of port {port} leaves the host",
            f"ip rule add pref 100 ipproto 6 sport {port} prohibit",
            "ip rule del pref 100",
        )
        yield Damage(
            "test_answers_on_the_host",
            f"{name}/*",
            f"{unit} is there and answers nothing",
            f"systemctl kill -s STOP {unit}",
            f"systemctl kill -s CONT {unit}; sleep 1",
            ("down",),
        )
        serve = f"python3 -m http.server {port} --directory /run/systemd"
        yield Damage(
            "test_people_reach_the_process_that_runs",
            name,
            f"a stranger has port {port}",
            f"systemctl stop {unit}; systemd-run -q --unit=other-port {serve}; sleep 1",
            f"systemctl stop other-port; systemctl start {unit}; sleep 1",
            ("down",),
        )


def _programs(survey: Survey) -> Iterator[Damage]:
    for path, place in survey.places.items():
        bins = re.fullmatch(rf"/srv/{survey.app}/venvs/[^/]+/bin/([^/]+)", path)
        if not bins or not any(
            f" {bins[1]} " in u.get("ExecStart", "") for u in survey.units.values()
        ):
            continue
        gone = ways.removed(place)
        yield Damage(
            "Executable", f"{bins[1]}*", gone.name, gone.apply, gone.undo, ("Venv", "down")
        )
        if place.kind == "f":
            yield Damage(
                "Executable",
                f"{bins[1]}*",
                f"{path} can't be run",
                f"chmod a-x {path}",
                f"chmod {place.mode} {path}",
                ("Venv",),
            )
