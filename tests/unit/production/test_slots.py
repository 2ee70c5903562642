"""What is proven of a slot: it serves what is described, and only who should gets in."""

from __future__ import annotations

import hashlib
import subprocess

import pytest

from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.manifest import App
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.services.resources import CurrentLink, Service
from homeport.operations.units.slot_units import SlotUnit
from homeport.pyinfra_adapter.inventory import InventoryHost
from tests.production import cases, confinement, described
from tests.production.described import release_check, services
from tests.production.endpoints import endpoints
from tests.production.subject import Subject
from tests.support.sample_app import CHECKER

TEMPLATE, TEXT = "shop-web@.service", "[Service]\n"
WEB = SlotUnit(TEMPLATE, TEXT, "/etc/homeport/shop/units", "/srv/shop/slots")
CURRENT = CurrentLink("/srv/shop/current", "/srv/shop/releases/1", "/srv/shop/venvs/1")
SERVICE = Service(TEMPLATE, "x", (), CURRENT, slotted=True)
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
UNIT = {"LoadState": "loaded", "SubState": "running", "UnitFileState": "static"}
UNIT |= {"NeedDaemonReload": "no", "NRestarts": "0", "DropInPaths": "", "Result": "success"}


def one(slot: str, **changes: str) -> str:
    found = {
        "Id": f"shop-web@{slot}.service",
        "ActiveState": "active" if slot == "b" else "inactive",
        "FragmentPath": f"/etc/systemd/system/shop-web@{slot}.service",
        "MainPID": "7" if slot == "b" else "0",
    }
    return "\n".join(f"{name}={value}" for name, value in {**UNIT, **found, **changes}.items())


def answer(without: str = "", extra: str = "", **changes: str) -> str:
    """What a host says of which slot b serves: ``without`` a line, and with another."""
    lines = [
        *("Id=now", "uptime=9.5", "time=1"),
        f"serves {TEMPLATE}=b",
        f"leads {TEMPLATE}=/run/shop-web-b/web.sock",
        f"web server {TEMPLATE}=yes",
        f"text /etc/systemd/system/shop-web@a.service={'0' * 64}  -",
        f"text /etc/systemd/system/shop-web@b.service={DIGEST} - 644 root:root",
        f"release {TEMPLATE}=/srv/shop/releases/1",
        "boots=b",
        "'/proc/7/cwd' -> '/srv/shop/releases/1'",
    ]
    now = [line for line in lines if not (without and line.startswith(without))]
    blocks = [one("a"), one("b", **changes), "\n".join([*now, *([extra] if extra else [])])]
    return "\n\n".join(blocks)


def test_slot_that_serves_what_is_described_has_no_fault() -> None:
    assert services.faults(SERVICE, answer()) == []
    assert services.slot_unit_faults(WEB, answer()) == []


@pytest.mark.parametrize(
    ("without", "extra", "changes", "fault"),
    [
        ("serves", "", {}, "no slot serves"),
        ("serves", f"serves {TEMPLATE}=lone", {}, "no slot serves"),
        ("leads", f"leads {TEMPLATE}=/run/shop-web-a/web.sock", {}, "is to /run/shop-web-a"),
        ("web server", "", {}, "the web server can't reach"),
        ("", f"nobody {TEMPLATE}=yes", {}, "every user can reach"),
        ("release", f"release {TEMPLATE}=/srv/shop/releases/0", {}, "release /srv/shop/releases/0"),
        ("release", "", {}, "its slot has the release none"),
        ("", f"differs {TEMPLATE} /etc/a=yes", {}, "its slot has another copy of /etc/a"),
        ("boots", "boots=a", {}, "the next boot would start shop-web@a.service"),
        ("boots", "boots=", {}, "the next boot would start"),
        ("'/proc", "'/proc/7/cwd' -> '/srv/shop/releases/0'", {}, "runs in /srv/shop/releases/0"),
        ("", "", {"ActiveState": "failed"}, "it is failed"),
        ("", "", {"UnitFileState": "enabled"}, "it is enabled, not static"),
        ("", "", {"NRestarts": "4"}, "restart it 4 times"),
    ],
)
def test_slot_that_serves_something_else_has_its_fault(
    without: str, extra: str, changes: dict[str, str], fault: str
) -> None:
    (found,) = services.faults(SERVICE, answer(without, extra, **changes))
    assert fault in found


@pytest.mark.parametrize(
    ("without", "extra", "changes", "fault"),
    [
        ("serves", "", {}, "no slot serves"),
        (f"text /etc/systemd/system/shop-web@b.service={DIGEST}", "", {}, "not what is described"),
        ("", "", {"NeedDaemonReload": "yes"}, "changed since"),
        ("", "", {"FragmentPath": "/run/x"}, "reads it from /run/x"),
        ("", "", {"DropInPaths": "/run/systemd/system/shop-web@b.service.d/x.conf"}, "changes it"),
    ],
)
def test_slots_unit_that_differs_has_its_fault(
    without: str, extra: str, changes: dict[str, str], fault: str
) -> None:
    (found,) = services.slot_unit_faults(WEB, answer(without, extra, **changes))
    assert fault in found


HEALTH = b"""\
processes: {web: {socket: '/run/homeport-proxy/shop/web/{slot}/socket', timeout: 5,
  url: 'http://localhost', headers: {Host: shop.example},
  live: null, ready: {path: /ready, status: 200, expect_body: null}}}
"""


def subject() -> Subject:
    web = {"command": "x {socket}", "listen": "socket", "watchdog": 9, "health": {"live": "/live"}}
    app = {"name": "shop", "source": ".", "python": "3.11", "processes": {"web": web}}
    secret = File("/etc/homeport/shop/secrets", b"", "600", secret=True)
    resources = (File("/etc/homeport/shop/health.yml", HEALTH), secret, WEB)
    return Subject(
        InventoryHost("h"), App.model_validate(app), DesiredState("shop", resources), None
    )


def test_slot_that_serves_is_asked_by_the_link_that_the_web_server_follows() -> None:
    (endpoint,) = endpoints(subject().description)
    assert endpoint.where == (
        "--unix-socket /run/homeport-proxy/shop/web/active/socket"
        " -H 'Host: shop.example' http://localhost/ready"
    )
    assert endpoint.port is None


def test_slots__a_process_in_slots_is_a_case_of_all_that_is_proven_of_processes() -> None:
    for name in ("process", "unit", "watched", "endpoint"):
        assert len(cases.CASES[name](subject())) == 1, name


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/srv/shop/slots/a/etc/secrets", True),
        ("/var/lib/homeport/shop/generations/0123/4", True),
        ("/var/lib/homeport/shop/snapshot/2", True),
        ("/srv/shop/slots/a/etc/environment", False),
        ("/srv/shop/slots/a/release/secrets", False),
        ("/srv/shop/slots/c/etc/secrets", False),
        ("/var/lib/homeport/shop/history", False),
        ("/var/lib/homeport/other/snapshot/2", False),
        ("/etc/homeport/shop/environment", False),
    ],
)
def test_slots__a_secret_may_lie_only_where_the_host_keeps_what_to_go_back_to(
    path: str, allowed: bool
) -> None:
    assert confinement.may_hold(subject().description, path) is allowed


def test_slots__the_questions_about_slots_are_shell() -> None:
    for ask in (services.question, confinement.exposure):
        text = ask(subject().description)
        done = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert "shop-web@a.service" in text
        assert "shop-web@b.service" in text


CHECK = ReleaseCheck("/var/lib/homeport/shop/checked", ("judge",), CHECKER, "d" * 64)
ACCEPTED = hashlib.sha256(f"key{CHECK.digest}".encode()).hexdigest()
VERDICT = f"verdict {CHECK.path} key {ACCEPTED} 600 root:root"


def test_slots__a_release_that_its_application_accepted_has_no_fault() -> None:
    assert described.faults(CHECK, {"checks": VERDICT}.__getitem__) == []


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        ("", "never done"),
        (VERDICT.replace("key", "yek", 1), "something else"),
        (VERDICT.replace("600", "644"), "can be changed"),
        (VERDICT.replace("root:root", "shop:shop"), "can be changed"),
    ],
)
def test_slots__a_release_that_was_not_accepted_has_its_fault(output: str, fault: str) -> None:
    assert fault in "; ".join(release_check.faults(CHECK, output))
