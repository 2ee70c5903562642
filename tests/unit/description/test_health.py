"""What a process is asked is written down once, for whoever asks; what lives is watched."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from homeport.description.health import health
from homeport.description.paths import HostPaths
from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.manifest import App, Health
from homeport.operations.services.resources import Service
from tests.support.described_app import Project
from tests.support.described_parts import files, services, units, values

HEALTH = "{live: /live, ready: /ready?x=1}"
FILE = "/etc/homeport/shop/health.yml"


def health_checks(description: DesiredState) -> dict[str, Any]:
    """What a reader of the file finds in it."""
    return dict(yaml.safe_load(files(description)[FILE].content)["processes"])


def test_health__the_questions_say_where_what_and_how_often(project: Project) -> None:
    project.replace(
        HEALTH,
        "{live: /live, ready: {path: /r, expect_body: 'a b'}, "
        "interval: 7, max_restarts_per_hour: 0}",
    )
    assert health_checks(project.describe()) == {
        "web": {
            "unit": "shop-web.service",
            "url": "http://127.0.0.1:8000",
            "headers": {},
            "socket": None,
            "live": {"path": "/live", "status": 200, "expect_body": None},
            "ready": {"path": "/r", "status": 200, "expect_body": "a b"},
            "interval": 7,
            "timeout": 5,
            "failure_threshold": 3,
            "max_restarts_per_hour": 0,
            "start_period": 90,
        },
        "api": {
            "unit": "shop-api@{slot}.service",
            "url": "http://localhost",
            "headers": {},
            "socket": "/run/homeport-proxy/shop/api/{slot}/socket",
            "live": None,
            "ready": {"path": "/ready", "status": 200, "expect_body": None},
            "interval": 30,
            "timeout": 5,
            "failure_threshold": 3,
            "max_restarts_per_hour": 3,
            "start_period": 90,
        },
    }


def test_health__an_application_that_is_asked_nothing_says_so(project: Project) -> None:
    project.replace(f"    health: {HEALTH}\n", "")
    project.replace("    health: {ready: /ready}\n", "")
    description = project.describe()
    assert health_checks(description) == {}
    watches = {name for name in units(description) if "health" in name}
    assert watches == {"shop-web-health.service", "shop-web-health.timer"}
    assert "check-health" not in units(description)["shop-web-health.service"]
    assert not any(service.ready for service in services(description).values())


paths = st.from_regex("/[A-Za-z0-9/._~!$&()*+,;=:@%?-]{0,30}", fullmatch=True)
bodies = st.text(
    st.one_of(
        st.sampled_from("\\\"'{}[]:,#&*!|>%@`- \u00a0\ufeff\ufffe\U0001f600"),
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
    ),
    min_size=1,
    max_size=200,
).filter(str.strip)
endpoints = paths | st.fixed_dictionaries({"path": paths}, optional={"expect_body": bodies})
healths = st.fixed_dictionaries(
    {"live": endpoints},
    optional={
        "ready": endpoints,
        "interval": st.integers(1, 86400),
        "timeout": st.integers(1, 300),
        "failure_threshold": st.integers(1, 100),
        "max_restarts_per_hour": st.integers(0, 8),
        "start_period": st.integers(1, 3600),
    },
)
HARD = {"live": {"path": "/y", "expect_body": "no: \"x\" \U0001f600 \\ 'y' # \u00a0\ufeff\uffff"}}


@given(healths, st.booleans())
@example(HARD, True)
def test_health__whatever_is_asked_is_read_as_it_was_described(
    wanted: Any, by_socket: bool
) -> None:
    command = "run {socket}" if by_socket else "run {port}"
    listen = "socket" if by_socket else 8000
    web = {"command": command, "listen": listen, "health": wanted}
    data = {"name": "on", "source": ".", "python": "3.11", "processes": {"no": web}}
    app = App.model_validate(data)
    (file,) = (each for each in health(app, HostPaths("on")) if isinstance(each, File))
    read = yaml.safe_load(file.content)
    assert read["app"] == "on"
    described = Health.model_validate(wanted)
    found = read["processes"]["no"]
    for name in (
        "interval",
        "timeout",
        "failure_threshold",
        "max_restarts_per_hour",
        "start_period",
    ):
        assert found[name] == getattr(described, name)
    for name in ("live", "ready"):
        endpoint = getattr(described, name)
        expected = endpoint and {
            "path": endpoint.path,
            "status": 200,
            "expect_body": endpoint.expect_body,
        }
        assert found[name] == expected


def test_health__a_process_that_can_tell_whether_it_lives_is_asked_by_a_timer(
    project: Project,
) -> None:
    project.replace(HEALTH, "{live: /live, interval: 7, timeout: 9}")
    description = project.describe()
    text = units(description)
    service, timer = text["shop-web-health.service"], text["shop-web-health.timer"]
    assert values(timer, "OnActiveSec") == values(timer, "OnUnitActiveSec") == ["7"]
    assert values(timer, "AccuracySec") == ["1s"]
    assert values(timer, "WantedBy") == ["timers.target"]
    assert values(service, "ExecStart") == [
        "/srv/shop/bin/check-health watch web",
        "+/usr/local/sbin/homeportctl served shop web",
    ]
    assert int(values(service, "TimeoutStartSec")[0]) > 9
    assert values(service, "User") == []
    assert services(description)["shop-web-health.timer"] == Service("shop-web-health.timer")
    assert not any(name.startswith(("shop-api-", "shop-worker-")) for name in text)


def test_health__what_people_reach_is_watched_though_nothing_asks_whether_it_lives(
    project: Project,
) -> None:
    project.replace(HEALTH, "{ready: /ready, timeout: 9}")
    project.text += "proxy: {process: api, server_names: [a.example]}\n"
    text = units(project.describe())
    for name in ("web", "api"):
        service, timer = text[f"shop-{name}-health.service"], text[f"shop-{name}-health.timer"]
        asks = f"+/usr/local/sbin/homeportctl served shop {name}"
        assert values(service, "ExecStart") == [asks]
        assert int(values(service, "TimeoutStartSec")[0]) > 5
        assert values(timer, "OnUnitActiveSec") == ["30"]
    project.replace("    health: {ready: /ready, timeout: 9}\n", "")
    project.replace("    health: {ready: /ready}\n", "")
    text = units(project.describe())
    assert values(text["shop-web-health.timer"], "OnUnitActiveSec") == ["30"]
    # nginx waits a minute for an answer, and so does what asks by it.
    assert int(values(text["shop-api-health.service"], "TimeoutStartSec")[0]) > 60
    timers = json.loads(files(project.describe())["/etc/homeport/shop/processes.json"].content)
    assert {"shop-web-health.timer", "shop-api-health.timer"} <= set(timers["timers"])
    assert not any(name.startswith("shop-worker-health") for name in text)


def test_health__whoever_stops_a_process_ends_its_watch_first(project: Project) -> None:
    service = units(project.describe())["shop-web-health.service"]
    assert values(service, "PartOf") == ["shop-web.service"]
    assert values(service, "After") == ["shop-web.service homeportctl-boot.service"]
    assert values(service, "SuccessExitStatus") == ["SIGTERM"]
    slotted = project.describe(processes={"api": {"health": {"live": "/live"}}})
    service = units(slotted)["shop-api-health.service"]
    assert values(service, "PartOf") == ["shop-api@a.service shop-api@b.service"]
    assert values(service, "After")[0].startswith("shop-api@a.service shop-api@b.service ")
    assert values(service, "ExecStart") == ["/srv/shop/bin/check-health watch api"]


def test_health__what_is_asked_of_a_process_restarts_nothing(project: Project) -> None:
    before = project.describe()
    after = project.describe(processes={"web": {"health": {"interval": 7, "live": "/other"}}})
    changed = {
        getattr(each, "path", None) or getattr(each, "name", None) or each.unit
        for each in set(after.resources) - set(before.resources)
    }
    assert changed == {FILE, "shop-web-health.timer"}


def test_health__a_deploy_asks_with_the_program_that_the_host_asks_with(project: Project) -> None:
    description = project.describe(processes={"web": {"health": {"start_period": 300}}})
    found = services(description)
    program = "/srv/shop/bin/check-health"
    assert found["shop-web.service"].ready == (program, "ready", "web")
    assert found["shop-api@.service"].ready == (program, "ready", "api")
    assert found["shop-worker.service"].ready == found["shop-tidy.timer"].ready == ()
    assert found["shop-web.service"].deadline == 300
    assert program in files(description)
    (only_live,) = [
        service
        for service in project.describe(processes={"web": {"health": {"ready": None}}}).of(Service)
        if service.unit == "shop-web.service"
    ]
    assert only_live.ready == ()


def test_health__the_program_starts_with_the_hosts_own_python(project: Project) -> None:
    program = files(project.describe())["/srv/shop/bin/check-health"]
    assert program.mode == "755"
    assert program.content.startswith(b"#!/usr/bin/python3 -I\n")


# A request as the proxy makes it.


def headers_of(project: Project, **health: str) -> dict[str, str]:
    found = project.describe(processes={"api": {"health": {"ready": "/ready", **health}}})
    return dict(health_checks(found)["api"]["headers"])


def test_health__a_process_behind_the_proxy_is_asked_as_the_proxy_asks(project: Project) -> None:
    project.text += "proxy: {process: api, server_names: ['*.shop.example', b.example]}\n"
    assert headers_of(project) == {
        "Host": "homeport.shop.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "homeport.shop.example",
        "X-Forwarded-Port": "80",
        "X-Real-IP": "127.0.0.1",
    }
    project.replace("b.example]", "b.example], tls: {certificate: /c, key: /k}, port: 8443")
    found = headers_of(project)
    assert found["Host"] == found["X-Forwarded-Host"] == "homeport.shop.example:8443"
    assert (found["X-Forwarded-Proto"], found["X-Forwarded-Port"]) == ("https", "8443")


def test_health__the_host_name_and_the_scheme_of_checks_can_be_named(project: Project) -> None:
    assert headers_of(project) == {}
    named = {"host": "b.example", "scheme": "https"}
    assert headers_of(project, **named) == {"Host": "b.example", "X-Forwarded-Proto": "https"}
    project.text += "proxy: {process: api, server_names: [a.example]}\n"
    found = headers_of(project, **named)
    assert (found["Host"], found["X-Forwarded-Proto"]) == ("b.example", "https")
