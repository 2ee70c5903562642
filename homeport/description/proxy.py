"""The proxy before the application: nginx, its sites, and the source of their certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeport.artifacts import PythonPlatform
from homeport.description.paths import HostPaths
from homeport.description.rendering import render, verbatim
from homeport.engine.secret_digest import sha256
from homeport.files.entries import Directory, File
from homeport.hostctl import protocol
from homeport.manifest import App
from homeport.manifest.model.proxy import PLAIN_PORT, CertificateFiles, Proxy
from homeport.manifest.validation.conflicts import health_paths
from homeport.operations.packages.resources import Package
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.resources import FOLDER, Sandbox, Site

if TYPE_CHECKING:
    from homeport.hostctl.shapes import ProxyDocument

ANY = "homeport.invalid"
"""A name that no host has: by it we ask what answers to any name."""
SANE = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Headers of every answer, unless the application or app.yml says otherwise."""
SECURE = {"Strict-Transport-Security": "max-age=31536000"}
"""Those of an answer by HTTPS, besides."""


@dataclass(frozen=True)
class ProxyPaths:
    """The paths of one application's proxy."""

    layout: HostPaths

    @property
    def app(self) -> str:
        """Whose they are."""
        return self.layout.app

    @property
    def home(self) -> str:
        """The directory that they share; nginx's are elsewhere."""
        return self.layout.home

    @property
    def page(self) -> str:
        """The page for when nothing behind nginx answers."""
        return f"{self.home}/maintenance.html"

    @property
    def switch(self) -> str:
        """The file whose presence has that page shown to everybody."""
        return f"{self.home}/maintenance"

    @property
    def challenges(self) -> str:
        """The directory of certbot's answers to a certificate authority."""
        return f"{self.home}/acme"

    def site(self, kind: str = "") -> str:
        """Return where nginx reads it; a name of an application has no dot in it."""
        return f"{FOLDER}/homeport-{self.app}{kind}.conf"


def proxy(app: App, target: PythonPlatform, layout: HostPaths) -> Iterator[object]:
    """Yield what nginx needs to stand before the application, if it is to."""
    if app.proxy is None:
        return
    places = ProxyPaths(layout)
    certificate = _certificate(app.proxy, places)
    wanted = ["nginx", *(["certbot"] if certificate else [])]
    yield from (Package(name) for name in wanted if name not in app.apt_packages)
    yield Sandbox()
    yield File(places.page, verbatim("nginx/maintenance.html"))
    if certificate:
        yield Directory(places.challenges)
        yield certificate
    if app.proxy.tls is not None:
        yield _plain(app.proxy, places, certificate)
    yield _site(app, app.proxy, target, places, certificate)


def _certificate(proxy: Proxy, places: ProxyPaths) -> Certificate | None:
    if proxy.account is None:
        return None
    return Certificate(
        f"homeport-{places.app}",
        proxy.server_names,
        proxy.account.email,
        places.challenges,
        proxy.account.directory_url,
    )


def _plain(proxy: Proxy, places: ProxyPaths, certificate: Certificate | None) -> Site:
    # It has a file of its own: it must run before there is a certificate for the other one.
    values = {
        **_common(proxy, places, PLAIN_PORT, "http"),
        "secure": proxy.opens,
        "challenges": certificate and certificate.webroot,
    }
    return _made("plain", places.site(".http"), values, proxy.server_names)


def _site(
    app: App,
    proxy: Proxy,
    target: PythonPlatform,
    places: ProxyPaths,
    certificate: Certificate | None,
) -> Site:
    tls = proxy.tls if isinstance(proxy.tls, CertificateFiles) else certificate
    values = {
        **_common(proxy, places, proxy.opens, proxy.scheme),
        "tls": tls,
        # The option of listen became a directive, and is complained of since.
        "http2_apart": target.debian != "12",
        "proxied": places.layout.proxied(proxy.process),
        "token": _variable("http", protocol.TOKEN_HEADER),
        "place": _variable("http", protocol.PLACE_HEADER),
        "asks": _escaped(check_path(app, proxy)),
        "page": places.page,
        "switch": places.switch,
        "body": proxy.max_body_size.lower(),
        "timeout": proxy.response_timeout,
        "repeat": proxy.retry_non_idempotent,
        "headers": [_header(name, value) for name, value in headers(proxy).items()],
        "inside_only": []
        if proxy.expose_health_paths
        else [_word(path) for path in health_paths(app)],
    }
    files = (tls.certificate, tls.key) if tls else ("", "")
    return _made("site", places.site(), values, proxy.server_names, *files)


def check_path(app: App, proxy: Proxy) -> str:
    """Return the path that the process behind the proxy is asked for by the host's own check."""
    health = app.processes[proxy.process].health
    endpoint = (health.ready or health.live) if health else None
    return endpoint.path if endpoint else "/"


def check(app: App, proxy: Proxy, layout: HostPaths) -> ProxyDocument:
    """Return how the host asks the application by the proxy, as its clients do."""
    places, health = ProxyPaths(layout), app.processes[proxy.process].health
    host = (health and health.host) or proxy.host or "localhost"
    return {
        "url": f"{proxy.scheme}://{host}:{proxy.opens}{protocol.SERVED_PATH}",
        "site": places.site(),
        "log": f"/var/log/nginx/homeport-{places.app}.error.log",
        "timeout": health.timeout if health else proxy.response_timeout,
    }


def _common(proxy: Proxy, places: ProxyPaths, port: int, scheme: str) -> dict[str, object]:
    host = proxy.host or ANY
    return {
        "app": places.app,
        "it": places.app.replace("-", "_"),
        "port": port,
        "url": f"{scheme}://{host}:{port}/.homeport/proxy",
        "answers_to": proxy.server_names or ("any other name",),
        # A pattern comes after all names, and before Debian's own site, which is the default.
        "server_names": proxy.server_names or ("~.",),
    }


def _made(
    template: str, path: str, values: Mapping[str, object], names: tuple[str, ...], *files: str
) -> Site:
    # The file says its own digest, so that nginx can be asked which one it runs.
    digest = sha256(render(f"nginx/{template}.conf.j2", digest="", **values).encode())[:16]
    text = render(f"nginx/{template}.conf.j2", digest=digest, **values)
    return Site(path, text, digest, str(values["url"]), names, *files)


def headers(proxy: Proxy) -> dict[str, str]:
    """Return the headers of answers by their names: the usual ones, and what app.yml says."""
    described = {name.lower() for name in proxy.response_headers}
    usual = {**SANE, **(SECURE if proxy.tls else {})}
    defaults = {name: value for name, value in usual.items() if name.lower() not in described}
    return {**defaults, **{name: value for name, value in proxy.response_headers.items() if value}}


def _header(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": _word(value), "said": _variable("upstream_http", name)}


def _variable(of: str, header: str) -> str:
    return f"{of}_{header.lower().replace('-', '_')}"


def _word(text: str) -> str:
    """Return a text as nginx reads it whole, if no variable is in it."""
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)
