"""What production.cases promises."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.manifest import App
from homeport.operations.platform.resources import LocalPlatform
from homeport.operations.units.resources import Unit
from homeport.operations.users.resources import ServiceUser
from homeport.pyinfra_adapter.inventory import InventoryHost
from tests.production import cases
from tests.production.subject import Subject

WEB = {"command": "x", "listen": 8000, "watchdog": 9, "health": {"live": "/live"}}
APP = {"name": "app", "source": ".", "python": "3.11", "processes": {"web": WEB}}


def test_cases__a_laptop_has_no_cases_for_what_runs_only_on_servers() -> None:
    app = App.model_validate(APP)
    health = (
        b"processes: {web: {socket: null, url: 'http://127.0.0.1:80', timeout: 5, live: null,"
        b" headers: {}, ready: {path: /ready, status: 200, expect_body: null}}}"
    )
    watched = File("/etc/homeport/app/health.yml", health)
    server = DesiredState("app", (ServiceUser("app", "/"), watched, Unit("app-web.service", "")))
    laptop = DesiredState("app", (LocalPlatform("3.11", "/x"),))
    for description, count in ((server, 1), (laptop, 0)):
        subject = Subject(InventoryHost("h"), app, description, None)
        for name in ("account", "endpoint", "process", "unit", "watched"):
            assert len(cases.CASES[name](subject)) == count, name
        assert len(cases.CASES["resource"](subject)) == len(description.resources)
