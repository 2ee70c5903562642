"""Damage of slots: what they were made ready with, and how the proxy reaches them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.spec_faults.damage import Damage
from tests.spec_faults.families.drop_ins import template
from tests.spec_faults.families.places import serving
from tests.spec_faults.survey import ASIDE, Survey


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of each slot that serves."""
    yield from _slots(survey)


def _slots(survey: Survey) -> Iterator[Damage]:
    for slot, unit in serving(survey).items():
        process = unit.removeprefix(f"{survey.app}-").partition("@")[0]
        service = template(unit)
        pointer = f"/var/lib/homeport/{survey.app}/active"
        other = "b" if slot == "a" else "a"
        yield Damage(
            "Service",
            service,
            "the next boot would start the other slot",
            f"cp -p {pointer} {ASIDE}/active; sed -i 's/^slot .*/slot {other}/' {pointer}",
            f"cp -p {ASIDE}/active {pointer}",
            ("HostProgram",),
        )
        home = f"/srv/{survey.app}/slots/{slot}"
        for name in ("release", "etc/environment", "etc/secrets"):
            path = f"{home}/{name}"
            if path not in survey.places:
                continue
            change = f"ln -sfn /nonexistent {path}" if name == "release" else f"echo A=1 >>{path}"
            yield Damage(
                "Service",
                service,
                f"{path} is not what the release was made ready with",
                f"cp -a {path} {ASIDE}/frozen; {change}",
                f"rm {path}; cp -a {ASIDE}/frozen {path}; rm {ASIDE}/frozen",
            )
        if f"{home}/etc/secrets" in survey.places:
            yield Damage(
                "test_reads_only_its_own",
                survey.app,
                f"the secrets of slot {slot} are shown to every user",
                f"chmod 644 {home}/etc/secrets",
                f"chmod 600 {home}/etc/secrets",
                ("Service",),
            )
        proxied = f"/run/homeport-proxy/{survey.app}/{process}"
        yield Damage(
            "test_people_reach_the_process_that_runs",
            process,
            f"the name by which the proxy reaches {process} leads elsewhere",
            f"cp -a {proxied}/active {ASIDE}/name; ln -sfn /nonexistent {proxied}/active",
            f"ln -sfn {slot} {proxied}/active",
            ("down", "proxy", "SlotUnit"),
        )
        frozen = f"systemctl kill -s STOP {unit}"
        yield Damage(
            "test_answers_on_the_host",
            f"{process}/*",
            f"{unit} is there and answers nothing",
            frozen,
            f"systemctl kill -s CONT {unit}; sleep 1",
            ("down", "proxy"),
        )
        yield from _sockets(survey, slot, process, service)


def _sockets(survey: Survey, slot: str, process: str, service: str) -> Iterator[Damage]:
    folder = f"/run/{survey.app}-{process}-{slot}"
    for path in (f"/run/homeport-proxy/{survey.app}/{process}/{slot}", folder):
        if path in survey.places:
            mode = survey.places[path].mode
            yield Damage(
                "Service",
                service,
                f"{path} is closed to the web server",
                f"chmod 700 {path}",
                f"chmod {mode} {path}",
                ("down", "proxy"),
            )
            yield Damage(
                "Service",
                service,
                f"{path} is opened to every user",
                f"chmod 777 {path}",
                f"chmod {mode} {path}",
            )
