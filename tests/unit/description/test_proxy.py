"""What nginx is given: sites that say what app.yml says, and nothing that somebody slipped in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from homeport.artifacts import PythonPlatform
from homeport.description.paths import HostPaths
from homeport.description.proxy import check, check_path, headers, proxy
from homeport.files.entries import Directory, File
from homeport.manifest import App
from homeport.operations.packages.resources import Package
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.resources import Site
from tests.support import app_documents
from tests.support.described_app import Project

HEALTH = {"live": "/live", "ready": {"path": "/r%20eady?x=1"}}
WEB = {"command": "run {socket}", "listen": "socket", "health": HEALTH}
TLS = {"certificate": "/etc/c.pem", "key": "/etc/k.pem"}
ACME = {"acme": {"email": "me@shop.example", "directory_url": "https://ca.example/d"}}


def app(name: str = "shop", packages: tuple[str, ...] = (), **options: object) -> App:
    whole = {"name": name, "source": ".", "python": "3.11", "apt_packages": packages}
    whole |= {"processes": {"web": WEB}, "proxy": {"process": "web", **options}}
    return App.model_validate(whole)


def described(app: App, debian: str = "12") -> list[object]:
    return list(proxy(app, PythonPlatform("amd64", "3.11", debian), HostPaths(app.name)))


def sites(app: App, debian: str = "12") -> list[Site]:
    return [found for found in described(app, debian) if isinstance(found, Site)]


def statements(text: str) -> Iterator[list[str]]:
    """Yield each statement as nginx reads it, the words that open or close a block included."""
    words: list[str] = []
    token = r'\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|([{};])|([^\s{};"\']+)'
    at = 0
    while at < len(text):
        found = re.compile(token, re.S).match(text, at)
        assert found, text[at : at + 40]
        at = found.end()
        double, single, mark, bare = found.groups()
        if mark:
            yield [*words, mark]
            words = []
        elif any(part is not None for part in (double, single, bare)):
            words.append(next(part for part in (double, single, bare) if part is not None))
    assert words == []


def test_proxy__an_application_without_a_front_needs_nothing(project: Project) -> None:
    resources = project.describe().resources
    assert not any(isinstance(resource, Site | Certificate) for resource in resources)
    assert Package("nginx") not in resources


def test_proxy__a_proxy_is_a_site_a_page_and_a_package(project: Project) -> None:
    project.text += "proxy: {process: api, server_names: [shop.example]}\n"
    description = project.describe()
    (site,) = description.of(Site)
    assert site.path == "/etc/nginx/conf.d/homeport-shop.conf"
    assert site.url == "http://shop.example:80/.homeport/proxy"
    assert Package("nginx") in description.resources
    assert Package("certbot") not in description.resources
    assert "/srv/shop/maintenance.html" in [file.path for file in description.of(File)]


def test_proxy__a_package_that_app_yml_names_is_described_once() -> None:
    assert Package("nginx") not in described(app(packages=("nginx",)))


def test_proxy__the_upstream_is_the_link_and_the_one_before_it() -> None:
    (site,) = sites(app())
    directives = list(statements(site.text))
    assert [
        "server",
        "unix:/run/homeport-proxy/shop/web/active/socket",
        "max_fails=0",
        ";",
    ] in directives
    before = "unix:/run/homeport-proxy/shop/web/backup/socket"
    assert ["server", before, "max_fails=0", "backup", ";"] in directives
    assert ["proxy_next_upstream", "error", ";"] in directives
    assert not any(words[0] == "keepalive" for words in directives)


def test_proxy__a_post_is_sent_twice_only_where_the_application_says_that_it_may_be() -> None:
    (site,) = sites(app(retry_non_idempotent=True))
    assert ["proxy_next_upstream", "error", "non_idempotent", ";"] in statements(site.text)


def test_proxy__a_site_says_its_digest_and_every_change_is_another_one() -> None:
    digests = [site.digest for site in sites(app())]
    assert [site.digest for site in sites(app())] == digests
    for more in (
        {"port": 81},
        {"max_body_size": "2M"},
        {"response_timeout": 61},
        {"response_headers": {"A": "b"}},
    ):
        (site,) = sites(app(**more))
        assert site.digest not in digests
        assert ["add_header", "X-Homeport-Proxy", site.digest, ";"] in statements(site.text)
        digests.append(site.digest)


def test_proxy__without_names_it_answers_what_no_other_site_does() -> None:
    (site,) = sites(app())
    assert ["server_name", "~.", ";"] in statements(site.text)
    assert (site.names, site.url) == ((), "http://homeport.invalid:80/.homeport/proxy")
    assert site.claims == ["# Answers to any other name on port 80."]
    assert "default_server" not in site.text


def test_proxy__names_are_claimed_one_by_one() -> None:
    (site,) = sites(app(server_names=("a.example", "*.b.example"), port=81))
    assert site.claims == [
        "# Answers to a.example on port 81.",
        "# Answers to *.b.example on port 81.",
    ]
    (first, *_) = sites(app(server_names=("*.b.example",)))
    assert first.url == "http://homeport.b.example:80/.homeport/proxy"


def test_proxy__health_is_for_the_host_alone_unless_it_is_opened() -> None:
    closed = [words[2] for words in statements(sites(app())[0].text) if words[:2] == EXACTLY]
    own = ["/.homeport/unavailable", "/.homeport/served", "/.homeport/proxy"]
    assert closed == ["/live", "/r eady", *own]
    opened = [
        w[2] for w in statements(sites(app(expose_health_paths=True))[0].text) if w[:2] == EXACTLY
    ]
    assert opened == own


EXACTLY = ["location", "="]


def test_proxy__headers_are_the_usual_ones_until_somebody_says_otherwise() -> None:
    usual = headers(app().proxy)  # type: ignore[arg-type] - there is one
    assert usual.keys() == {"Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"}
    custom = {"x-frame-options": "", "Referrer-Policy": "no-referrer", "A": 'b "c" \\ d'}
    changed = app(tls=TLS, response_headers=custom)
    effective = headers(changed.proxy)  # type: ignore[arg-type] - there is one
    assert "x-frame-options" not in {name.lower() for name in effective}
    assert effective["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" in effective
    assert '"" "b \\"c\\" \\\\ d";' in sites(changed)[1].text


@pytest.mark.parametrize(
    ("debian", "listen"),
    [
        (
            "12",
            [["listen", "443", "ssl", "http2", ";"], ["listen", "[::]:443", "ssl", "http2", ";"]],
        ),
        ("13", [["listen", "443", "ssl", ";"], ["listen", "[::]:443", "ssl", ";"]]),
    ],
)
def test_proxy__tls_is_a_site_of_its_own_beside_what_leads_to_it(
    debian: str, listen: list[list[str]]
) -> None:
    plain, secure = sites(app(tls=TLS, server_names=("shop.example",)), debian)
    assert plain.path == "/etc/nginx/conf.d/homeport-shop.http.conf"
    assert ["return", "308", "https://$host$request_uri", ";"] in statements(plain.text)
    assert (plain.certificate, plain.url) == ("", "http://shop.example:80/.homeport/proxy")
    directives = list(statements(secure.text))
    assert [words for words in directives if words[0] == "listen"] == listen
    assert (["http2", "on", ";"] in directives) is (debian == "13")
    assert (secure.certificate, secure.key) == ("/etc/c.pem", "/etc/k.pem")
    assert secure.url == "https://shop.example:443/.homeport/proxy"


def test_proxy__another_port_is_where_http_leads_to() -> None:
    plain, _ = sites(app(tls=TLS, port=8443))
    assert ["return", "308", "https://$host:8443$request_uri", ";"] in statements(plain.text)


def test_proxy__a_certificate_from_an_authority_is_proven_in_a_folder_of_ours() -> None:
    resources = described(app(tls=ACME, server_names=("shop.example",)))
    (certificate,) = [found for found in resources if isinstance(found, Certificate)]
    assert certificate.directory == "https://ca.example/d"
    assert {Package("nginx"), Package("certbot"), Directory("/srv/shop/acme")} <= set(resources)
    plain, secure = (found for found in resources if isinstance(found, Site))
    assert ["root", certificate.webroot, ";"] in statements(plain.text)
    assert ["ssl_certificate", certificate.certificate, ";"] in statements(secure.text)


def test_proxy__two_applications_share_no_name_of_nginx() -> None:
    names = r"\b(?:homeport_[a-z0-9_]+|shared:\w+)"
    one, two = ("\n".join(s.text for s in sites(app(n, tls=TLS))) for n in ("a-b", "a"))
    assert not set(re.findall(names, one)) & set(re.findall(names, two))


PROXIES = app_documents.strategy(app_documents.SCHEMA["$defs"]["Proxy"])
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
SPOKEN = {
    words[0]
    for variant in (app(tls=TLS), app(tls=ACME, server_names=("a",)), app(server_names=("a",)))
    for debian in ("12", "13")
    for site in sites(variant, debian)
    for words in statements(site.text)
}


@settings(deadline=None, suppress_health_check=SLOW)
@given(PROXIES, st.sampled_from(["12", "13"]))
def test_proxy__whatever_is_accepted_says_only_what_it_may(
    options: dict[str, Any], debian: str
) -> None:
    try:
        known = app(**{**options, "process": "web"})
    except ValidationError:
        return
    for site in sites(known, debian):
        found = list(statements(site.text))
        assert {words[0] for words in found} <= SPOKEN
        assert sum(words[-1] == "{" for words in found) == sum(words == ["}"] for words in found)
        assert [words for words in found if words[0] == "server" and words[-1] == "{"] == [
            ["server", "{"]
        ]


# The check of the host's own.


def test_proxy__a_start_is_asked_by_its_token_and_by_nothing_else() -> None:
    (site,) = sites(app())
    found = list(statements(site.text))
    block = found[found.index(["location", "=", "/.homeport/served", "{"]) :]
    block = block[: block.index(["error_page", "418", "/.homeport/unavailable", ";"]) + 6]
    passed = next(words for words in block if words[0] == "proxy_pass")
    place = "unix:/run/homeport-proxy/shop/web/$homeport_place_shop/$homeport_token_shop"
    assert passed == ["proxy_pass", f"http://{place}:/r%20eady?x=1", ";"]
    assert ["proxy_next_upstream", "off", ";"] in block
    assert ["add_header", "X-Homeport-Proxy", site.digest, "always", ";"] in block
    for header in ("X-Homeport-Token", "X-Homeport-Place"):
        assert ["proxy_set_header", header, "", ";"] in found, "the application is not told"


def test_proxy__the_path_of_a_check_is_passed_on_as_it_is_written() -> None:
    health = {"ready": "/a;b$c?d=(e)&f"}
    known = app().model_copy(update={"processes": app_of(health).processes})
    (site,) = sites(known)
    assert ':/a;b${homeport_dollar_shop}c?d=(e)&f";' in site.text


@pytest.mark.parametrize(
    ("health", "path"),
    [(None, "/"), ({"live": "/live"}, "/live"), ({"live": "/live", "ready": "/r"}, "/r")],
)
def test_proxy__what_is_ready_is_asked_first_and_a_page_where_nothing_is(
    health: dict[str, str] | None, path: str
) -> None:
    known = app_of(health)
    assert known.proxy is not None
    assert check_path(known, known.proxy) == path


def app_of(health: dict[str, str] | None, **options: object) -> App:
    web = {"command": "run {socket}", "listen": "socket", "health": health}
    whole = {"name": "shop", "source": ".", "python": "3.11", "processes": {"web": web}}
    return App.model_validate({**whole, "proxy": {"process": "web", **options}})


@pytest.mark.parametrize(
    ("options", "health", "url", "timeout"),
    [
        ({}, None, "http://localhost:80", 60),
        ({"port": 8000}, {"ready": "/r"}, "http://localhost:8000", 5),
        ({"tls": TLS, "server_names": ("a.example", "b")}, None, "https://a.example:443", 60),
        ({"server_names": ("a",)}, {"ready": "/r", "host": "b", "timeout": 9}, "http://b:80", 9),
    ],
)
def test_proxy__the_host_asks_by_the_listener_name_and_scheme_of_clients(
    options: dict[str, object], health: dict[str, object] | None, url: str, timeout: int
) -> None:
    known = app_of(health, **options)  # type: ignore[arg-type]  # numbers are texts here, too
    assert known.proxy is not None
    assert check(known, known.proxy, HostPaths("shop")) == {
        "url": f"{url}/.homeport/served",
        "site": "/etc/nginx/conf.d/homeport-shop.conf",
        "log": "/var/log/nginx/homeport-shop.error.log",
        "timeout": timeout,
    }
