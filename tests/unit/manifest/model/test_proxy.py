"""What stands before an application: what may be said of it, and what it says against the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from homeport.errors import UserError
from homeport.manifest.model.proxy import Proxy
from homeport.manifest.validation.conflicts import health_paths
from tests.support.valid_app import Read

HEAD = "name: shop\nsource: .\npython: '3.11'\nprocesses:\n"
WEB = (
    "  web: {command: 'run {socket}', listen: socket, health: {live: /live, ready: '/r%20/../a?x'}}"
)
FILES = "tls: {certificate: /c.pem, key: /c.key}"
ACME = "tls: {acme: {email: me@example.org}}"


def text(front: str, web: str = WEB) -> str:
    return f"{HEAD}{web}\nfront: {{process: web{front}}}\n"


def test_proxy__little_is_enough(read: Read) -> None:
    front = read(text=text("")).front
    assert front is not None
    assert (front.opens, front.ports, front.names, front.account) == (80, (80,), (), None)
    assert (front.body, front.timeout, front.health, front.headers) == ("1M", 60, False, {})


@pytest.mark.parametrize(
    ("said", "opens", "ports"),
    [
        (", port: 8000", 8000, (8000,)),
        (f", {FILES}", 443, (443, 80)),
        (f", port: 8443, {FILES}", 8443, (8443, 80)),
        (f", names: [a.example], {ACME}", 443, (443, 80)),
    ],
)
def test_proxy__with_tls_what_comes_by_http_is_led_to_https(
    read: Read, said: str, opens: int, ports: tuple[int, ...]
) -> None:
    front = read(text=text(said)).front
    assert front is not None
    assert (front.opens, front.ports) == (opens, ports)


def test_proxy__the_paths_of_health_are_those_that_nginx_compares(read: Read) -> None:
    assert health_paths(read(text=text(""))) == ("/live", "/a")
    assert health_paths(read(front=None)) == ()


def test_proxy__an_override_may_take_it_away_and_change_it(read: Read) -> None:
    assert read(front=None).front is None
    front = read(front={"port": 9443, "headers": {"X-Frame-Options": ""}}).front
    assert front is not None
    assert (front.port, front.headers, front.process) == (9443, {"X-Frame-Options": ""}, "api")


SLIPS = [
    (", prot: 1", "front.prot", "not a key", "write port"),
    (", port: 0", "front.port", "too small", "1 or more"),
    (f", port: 80, {FILES}", "front.port", "port 80 serves", "remove port"),
    (", names: [Shop.example]", "front.names[0]", "not the name of a host", "a-z"),
    (", names: ['shop.example:80']", "front.names[0]", "not the name of a host", "without a port"),
    (", names: ['a.*.example']", "front.names[0]", "not the name of a host", "*.example.org"),
    (", names: [a.example, a.example]", "front.names", "twice", "remove"),
    (", names: ['a; b']", "front.names[0]", "not the name of a host", ""),
    (", tls: yes", "front.tls", "none of the forms", "{acme: {email: ADDRESS}}"),
    (", tls: {key: /k}", "front.tls", "neither certificate nor acme", "{certificate: PATH"),
    (", tls: {certificate: /c}", "front.tls.key", "missing", "add key:"),
    (", tls: {certificate: c, key: /k}", "front.tls.certificate", "not the path", "in full"),
    (", tls: {certificate: /a/../c, key: /k}", "front.tls.certificate", "not the path", "in full"),
    (", tls: {certificate: '/a;b', key: /k}", "front.tls.certificate", "not the path", "letters"),
    (", tls: {certificate: /c, kye: /k}", "front.tls.kye", "not a key", "write key"),
    (f", {ACME}", "front.tls.acme", "needs names", "front.names"),
    (f", names: ['*.a.example'], {ACME}", "front.names[0]", "can't be proven", "each name out"),
    (", names: [a], tls: {acme: {email: me}}", "front.tls.acme.email", "not an address", "you@"),
    (", names: [a], tls: {acme: {mail: x}}", "front.tls.acme.mail", "not a key", "write email"),
    (", body: 10", "front.body", "number", "quotes"),
    (", body: 10Q", "front.body", "not a size", "1M"),
    (", timeout: 0", "front.timeout", "too small", "1 or more"),
    (", health: open", "front.health", "expected true or false, got text", "without quotes"),
    (", headers: {'A B': x}", "front.headers.A B", "not the name of a header", "letters"),
    (", headers: {A: $x}", "front.headers.A", "not the value of a header", "variable"),
    (", headers: {A: ü}", "front.headers.A", "not the value of a header", "ASCII"),
    (', headers: {A: "x\\ny"}', "front.headers.A", "line break", "one line"),
    (", headers: {A-B: x, a-b: y}", "front.headers.a-b", "A-B is the same header", "keep one"),
    (", headers: {Server: x}", "front.headers.Server", "set by nginx", "remove"),
]


@pytest.mark.parametrize(("said", "key", "what", "fix"), SLIPS, ids=lambda value: str(value)[:40])
def test_proxy__a_slip_is_refused_with_its_place_and_its_mend(
    read: Read, project: Path, said: str, key: str, what: str, fix: str
) -> None:
    refused(read, project, text(said), key, what, fix)


def refused(read: Read, project: Path, text: str, key: str, what: str, fix: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text=text)
    found = getattr(caught.value, "errors", (caught.value,))
    error = next((each for each in found if each.key == key), found[0])
    assert (error.key, error.file) == (key, project / "app.yml")
    assert what in error.what
    assert fix in error.fix
    assert error.line


@pytest.mark.parametrize(
    ("web", "key", "what", "fix"),
    [
        ("  wbe: {command: 'run {socket}', listen: socket}", "front.process", "no proc", "wbe"),
        ("  web: {command: run}", "front.process", "not listen on a socket", "listen: socket"),
        (
            f"{WEB}\n  api: {{command: 'run {{port}}', listen: 80}}",
            "processes.api.listen",
            "api listens on port 80, and nginx has to",
            "another port",
        ),
        (WEB.replace("/live", "/"), "front", "would be closed", "health: true"),
    ],
)
def test_proxy__a_front_that_does_not_fit_what_is_behind_it_is_refused(
    read: Read, project: Path, web: str, key: str, what: str, fix: str
) -> None:
    refused(read, project, text("", web), key, what, fix)


def test_proxy__a_port_that_only_leads_to_https_is_taken_too(read: Read, project: Path) -> None:
    web = f"{WEB}\n  api: {{command: 'run {{port}}', listen: 80}}"
    what = "api listens on port 80"
    refused(read, project, text(f", {FILES}", web), "processes.api.listen", what, "another")


PAGE = (Path(__file__).parents[4] / "docs/proxy.md").read_text()


@pytest.mark.parametrize("shown", re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S))
def test_proxy__what_the_page_shows_is_accepted(read: Read, shown: str) -> None:
    whole = {"name": "shop", "source": ".", "python": "3.11"}
    socket = {"processes": {"web": {"command": "run {socket}", "listen": "socket"}}}
    assert read(text=yaml.safe_dump({**whole, **socket, **yaml.safe_load(shown)})).front


def test_proxy__every_key_of_a_front_is_on_its_page() -> None:
    table = PAGE.partition("| key |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.M) == list(Proxy.model_fields)
