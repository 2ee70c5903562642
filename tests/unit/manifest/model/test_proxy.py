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


def text(proxy: str, web: str = WEB) -> str:
    return f"{HEAD}{web}\nproxy: {{process: web{proxy}}}\n"


def test_proxy__little_is_enough(read: Read) -> None:
    proxy = read(text=text("")).proxy
    assert proxy is not None
    assert (proxy.opens, proxy.ports, proxy.server_names, proxy.account) == (80, (80,), (), None)
    assert (
        proxy.max_body_size,
        proxy.response_timeout,
        proxy.expose_health_paths,
        proxy.response_headers,
    ) == ("1M", 60, False, {})


@pytest.mark.parametrize(
    ("snippet", "opens", "ports"),
    [
        (", port: 8000", 8000, (8000,)),
        (f", {FILES}", 443, (443, 80)),
        (f", port: 8443, {FILES}", 8443, (8443, 80)),
        (f", server_names: [a.example], {ACME}", 443, (443, 80)),
    ],
)
def test_proxy__with_tls_what_comes_by_http_is_led_to_https(
    read: Read, snippet: str, opens: int, ports: tuple[int, ...]
) -> None:
    proxy = read(text=text(snippet)).proxy
    assert proxy is not None
    assert (proxy.opens, proxy.ports) == (opens, ports)


def test_proxy__the_paths_of_health_are_those_that_nginx_compares(read: Read) -> None:
    assert health_paths(read(text=text(""))) == ("/live", "/a")
    assert health_paths(read(proxy=None)) == ()


def test_proxy__an_override_may_take_it_away_and_change_it(read: Read) -> None:
    assert read(proxy=None).proxy is None
    proxy = read(proxy={"port": 9443, "response_headers": {"X-Frame-Options": ""}}).proxy
    assert proxy is not None
    assert (proxy.port, proxy.response_headers, proxy.process) == (
        9443,
        {"X-Frame-Options": ""},
        "api",
    )


SLIPS = [
    (", prot: 1", "proxy.prot", "not a key", "write port"),
    (", port: 0", "proxy.port", "too small", "1 or more"),
    (f", port: 80, {FILES}", "proxy.port", "port 80 serves", "remove port"),
    (", server_names: [Shop.example]", "proxy.server_names[0]", "not the name of a host", "a-z"),
    (
        ", server_names: ['shop.example:80']",
        "proxy.server_names[0]",
        "not the name of a host",
        "without a port",
    ),
    (
        ", server_names: ['a.*.example']",
        "proxy.server_names[0]",
        "not the name of a host",
        "*.example.org",
    ),
    (", server_names: [a.example, a.example]", "proxy.server_names", "twice", "remove"),
    (", server_names: ['a; b']", "proxy.server_names[0]", "not the name of a host", ""),
    (", tls: yes", "proxy.tls", "none of the forms", "{acme: {email: ADDRESS}}"),
    (", tls: {key: /k}", "proxy.tls", "neither certificate nor acme", "{certificate: PATH"),
    (", tls: {certificate: /c}", "proxy.tls.key", "missing", "add key:"),
    (", tls: {certificate: c, key: /k}", "proxy.tls.certificate", "not the path", "in full"),
    (", tls: {certificate: /a/../c, key: /k}", "proxy.tls.certificate", "not the path", "in full"),
    (", tls: {certificate: '/a;b', key: /k}", "proxy.tls.certificate", "not the path", "letters"),
    (", tls: {certificate: /c, kye: /k}", "proxy.tls.kye", "not a key", "write key"),
    (f", {ACME}", "proxy.tls.acme", "needs names", "proxy.server_names"),
    (
        f", server_names: ['*.a.example'], {ACME}",
        "proxy.server_names[0]",
        "can't be proven",
        "each name out",
    ),
    (
        ", server_names: [a], tls: {acme: {email: me}}",
        "proxy.tls.acme.email",
        "not an address",
        "you@",
    ),
    (
        ", server_names: [a], tls: {acme: {mail: x}}",
        "proxy.tls.acme.mail",
        "not a key",
        "write email",
    ),
    (", max_body_size: 10", "proxy.max_body_size", "number", "quotes"),
    (", max_body_size: 10Q", "proxy.max_body_size", "not a size", "1M"),
    (", response_timeout: 0", "proxy.response_timeout", "too small", "1 or more"),
    (
        ", expose_health_paths: open",
        "proxy.expose_health_paths",
        "expected true or false, got text",
        "without quotes",
    ),
    (
        ", response_headers: {'A B': x}",
        "proxy.response_headers.A B",
        "not the name of a header",
        "letters",
    ),
    (
        ", response_headers: {A: $x}",
        "proxy.response_headers.A",
        "not the value of a header",
        "variable",
    ),
    (
        ", response_headers: {A: ü}",
        "proxy.response_headers.A",
        "not the value of a header",
        "ASCII",
    ),
    (', response_headers: {A: "x\\ny"}', "proxy.response_headers.A", "line break", "one line"),
    (
        ", response_headers: {A-B: x, a-b: y}",
        "proxy.response_headers.a-b",
        "A-B is the same header",
        "keep one",
    ),
    (
        ", response_headers: {Server: x}",
        "proxy.response_headers.Server",
        "set by nginx",
        "remove",
    ),
]


@pytest.mark.parametrize(
    ("snippet", "key", "what", "fix"), SLIPS, ids=lambda value: str(value)[:40]
)
def test_proxy__a_slip_is_refused_with_its_place_and_its_mend(
    read: Read, project: Path, snippet: str, key: str, what: str, fix: str
) -> None:
    refused(read, project, text(snippet), key, what, fix)


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
        ("  wbe: {command: 'run {socket}', listen: socket}", "proxy.process", "no proc", "wbe"),
        ("  web: {command: run}", "proxy.process", "not listen on a socket", "listen: socket"),
        (
            f"{WEB}\n  api: {{command: 'run {{port}}', listen: 80}}",
            "processes.api.listen",
            "api listens on port 80, and nginx has to",
            "another port",
        ),
        (WEB.replace("/live", "/"), "proxy", "would be closed", "expose_health_paths: true"),
    ],
)
def test_proxy__a_proxy_that_does_not_fit_what_is_behind_it_is_refused(
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
    assert read(text=yaml.safe_dump({**whole, **socket, **yaml.safe_load(shown)})).proxy


def test_proxy__every_key_of_a_proxy_is_on_its_page() -> None:
    table = PAGE.partition("| key |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.M) == list(Proxy.model_fields)
