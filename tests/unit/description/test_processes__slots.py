"""What listens on a socket runs in two slots by turns, each with a configuration of its own."""

from __future__ import annotations

import json
from typing import Any

from homeport.description.processes import CLEAN
from homeport.engine.kind import DesiredState
from homeport.files.entries import Directory, File
from homeport.operations.services.resources import CurrentLink
from homeport.operations.units.slot_units import SlotUnit
from tests.support.described_app import Project
from tests.support.described_parts import files, services, units, values

SLOT = "/srv/shop/slots/%i"
BIN = "/srv/shop/bin"


def switched(description: DesiredState) -> dict[str, Any]:
    """What the host is told of the application's processes."""
    found = files(description)["/etc/homeport/shop/processes.json"]
    assert (found.mode, found.secret) == ("644", False)
    return dict(json.loads(found.content))


def test_processes__a_process_in_a_slot_starts_from_what_the_slot_has(project: Project) -> None:
    text = units(project.describe())["shop-api@.service"]
    assert values(text, "WorkingDirectory") == [f"{SLOT}/release"]
    assert values(text, "EnvironmentFile") == [f"{SLOT}/etc/environment", f"{SLOT}/etc/secrets"]
    assert f"HOMEPORT_RELEASE={SLOT}/release" in values(text, "Environment")
    assert values(text, "BindReadOnlyPaths") == [f"{SLOT}/etc:/etc/homeport/shop"]
    assert values(text, "RuntimeDirectory") == ["shop-api-%i"]
    assert values(text, "RuntimeDirectoryMode") == ["0750"]
    (start,) = values(text, "ExecStart")
    assert start == f"{BIN}/run uvicorn --uds /run/shop-api-%i/api.sock shop.api:app"
    assert values(text, "ExecStartPost") == [
        f"{BIN}/wait-for-socket /run/shop-api-%i/api.sock",
        f"+{CLEAN} {BIN}/publish-socket /run/shop-api-%i/api.sock /run/homeport-proxy/shop/api/%i",
    ]
    assert values(text, "KillMode") == ["mixed"]
    assert values(text, "TimeoutStopSec") == ["30"]
    assert values(text, "Restart") == ["always"]
    assert "[Install]" not in text
    # Neither the link that a switch moves nor the files that a deploy writes are read by it.
    read = [line for line in text.splitlines() if not line.startswith("ExecStartPre")]
    assert not any("/current" in line or "/etc/homeport/shop/" in line for line in read)


def test_processes__a_unit_of_slots_lies_where_systemd_does_not_read_it(project: Project) -> None:
    description = project.describe()
    (unit,) = description.of(SlotUnit)
    assert unit.place == "/etc/homeport/shop/units/shop-api@.service"
    assert unit.place.rpartition("/")[0] in {each.path for each in description.of(Directory)}
    assert unit.slot_copies == {
        "/etc/systemd/system/shop-api@a.service": "/srv/shop/slots/a/etc/units/shop-api@.service",
        "/etc/systemd/system/shop-api@b.service": "/srv/shop/slots/b/etc/units/shop-api@.service",
    }
    service = services(description)["shop-api@.service"]
    assert (service.slotted, service.reads[-1].path) == (True, unit.place)
    others = [each for each in services(description).values() if each is not service]
    assert not any(each.slotted for each in others)


def test_processes__the_host_is_told_what_to_switch_and_when_it_is_well(project: Project) -> None:
    project.replace(
        "health: {ready: /ready}", "health: {ready: /ready, success_threshold: 2, start_period: 20}"
    )
    description = project.describe(release={"soak": 3, "data_version": 2})
    (current,) = description.of(CurrentLink)
    alone = {"ready": False, "deadline": 90, "successes": 1}
    assert switched(description) == {
        "version": 1,
        "app": "shop",
        "release": current.release,
        "current": "/srv/shop/current",
        "check": f"{BIN}/check-health",
        "slots": {
            "api": {
                "unit": "shop-api@",
                "socket": "/run/shop-api-{slot}/api.sock",
                "link": "/run/homeport-sockets/shop/api.sock",
                "proxied": "/run/homeport-proxy/shop/api",
                "ready": True,
                "deadline": 20,
                "successes": 2,
            }
        },
        "singles": {
            "web": {**alone, "unit": "shop-web.service", "ready": True, "port": 8000},
            "worker": {"unit": "shop-worker.service", **alone},
        },
        "timers": ["shop-tidy.timer", "shop-web-health.timer"],
        "soak": 3,
        "drain_timeout": 10,
        "keep_releases": 5,
        "data_version": 2,
    }


def test_processes__what_the_host_is_told_is_the_same_text_each_time(project: Project) -> None:
    content = files(project.describe())["/etc/homeport/shop/processes.json"].content.decode()
    assert content == f"{json.dumps(json.loads(content), indent=1, sort_keys=True)}\n"


def test_processes__what_must_be_alone_is_stopped_and_started_and_served_all_the_same(
    project: Project,
) -> None:
    description = project.describe(processes={"api": {"strategy": "recreate"}})
    text = units(description)["shop-api.service"]
    assert description.of(SlotUnit) == ()
    assert switched(description)["slots"] == {}
    assert switched(description)["singles"]["api"]["link"] == "/run/homeport-sockets/shop/api.sock"
    link, socket = "/run/homeport-sockets/shop/api.sock", "/run/shop-api/api.sock"
    assert values(text, "ExecStartPost") == [
        f"{BIN}/wait-for-socket {socket}",
        f"+{CLEAN} {BIN}/publish-socket {socket} /run/homeport-proxy/shop/api/lone {link}",
    ]
    assert values(text, "WorkingDirectory") == ["/srv/shop/current"]
    assert values(text, "WantedBy") == ["multi-user.target"]
    assert "%i" not in text


def test_processes__the_start_of_what_listens_on_a_socket_may_take_as_long_as_it_is_given(
    project: Project,
) -> None:
    for start, limit in ((20, "90"), (300, "300")):
        text = units(project.describe(processes={"api": {"health": {"start_period": start}}}))
        assert values(text["shop-api@.service"], "TimeoutStartSec") == [limit]
        assert values(text["shop-worker.service"], "TimeoutStartSec") == []


def test_processes__folders_of_slots_stay_when_the_last_slot_leaves(project: Project) -> None:
    before = project.describe()
    after = project.describe(processes={"api": None})
    assert before.of(Directory) == after.of(Directory)
    assert switched(after)["slots"] == {}
    assert {file.path for file in before.of(File)} == {file.path for file in after.of(File)}


def test_processes__behind_the_proxy_it_is_the_proxy_that_is_believed(project: Project) -> None:
    proxy = {"process": "api", "server_names": ["shop.example.org"]}
    for strategy in ("blue_green", "recreate"):
        described = project.describe(proxy=proxy, processes={"api": {"strategy": strategy}})
        (name,) = units(described).keys() & {"shop-api.service", "shop-api@.service"}
        assert "FORWARDED_ALLOW_IPS=*" in values(units(described)[name], "Environment")
    # Of others than the proxy no header is believed: whoever connects may write it.
    web = units(project.describe(proxy=proxy))["shop-web.service"]
    assert "FORWARDED_ALLOW_IPS=*" not in values(web, "Environment")
