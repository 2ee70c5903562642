"""What is said of nginx's answers: nothing when all is well, and the fault when it isn't."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest

from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.manifest import App
from homeport.operations.proxy.resources import Sandbox, Site
from homeport.operations.proxy.sandbox import TEXT
from tests.production import described
from tests.production.described import proxy as described_proxy
from tests.production.proxy import Answered, answers, base, hidden, question, serves, shows
from tests.support.real_shell import SHELLS, is_shell
from tests.support.sample_app import CERTIFICATE, SITE

PLAIN = replace(SITE, url="http://shop.example:80/f", certificate="", key="")
ALL = DesiredState("shop", (SITE, CERTIFICATE))
ANSWER = f"""\
runs active enabled
reads 
says {SITE.path} abcd
lasts {SITE.path}
renewed homeport-shop active enabled
known homeport-shop"""  # noqa: W291 - what is said of nothing ends so
WEB = {"command": "run {socket}", "listen": "socket", "health": {"live": "/live", "ready": "/r?x"}}


def app(**proxy: object) -> App:
    manifest = {"name": "shop", "source": ".", "python": "3.11", "processes": {"web": WEB}}
    return App.model_validate({**manifest, "proxy": {"process": "web", **proxy}})


TLS = {"tls": {"certificate": "/c", "key": "/k"}}
HEADERS = {"server": "nginx", "referrer-policy": "x", "x-content-type-options": "x"}
HEADERS |= {"x-frame-options": "x", "strict-transport-security": "x"}


def test_proxy__a_site_as_described_has_no_fault() -> None:
    assert described_proxy.faults(SITE, ANSWER) == []
    assert described_proxy.certificate_faults(CERTIFICATE, ANSWER) == []
    assert {Site, type(CERTIFICATE)} <= set(described.PROOFS)


HOLDS = f"holds {hashlib.sha256(TEXT.encode()).hexdigest()} - regular file:644:root:root"
SWITCHED = "\n".join(f"unit {name}={value}" for name, value in described_proxy.SWITCHED.items())
INSIDE = f"""\
unit Restart=on-failure
{SWITCHED}
unit NeedDaemonReload=no
{HOLDS}
NoNewPrivs:\t1"""


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("unit Restart=on-failure", "nginx is not restarted when it dies"),
        ("unit NoNewPrivileges=yes", "nginx has no NoNewPrivileges=yes"),
        ("unit ProtectSystem=full", "nginx has no ProtectSystem=full"),
        (HOLDS, f"nginx has another {described_proxy.DROP_IN}"),
        ("unit NeedDaemonReload=no", "nginx has a drop-in that systemd has not read"),
        ("NoNewPrivs:\t1", "nginx runs without it"),
    ],
)
def test_proxy__nginx_outside_its_sandbox_is_a_fault_unless_the_host_says_why(
    line: str, fault: str
) -> None:
    assert described_proxy.sandbox_faults(Sandbox(), INSIDE) == []
    assert described_proxy.sandbox_faults(Sandbox(), INSIDE.replace(line, "")) == [fault]
    assert described_proxy.sandbox_faults(Sandbox(), "unhardened") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("runs active", "runs failed", "nginx is failed"),
        ("active enabled", "active disabled", "nginx is disabled, so it does not start at boot"),
        ("active enabled\n", "active \n", "nginx is , so it does not start"),
        ("reads ", "reads nginx: [emerg] x", "nginx could not start again: nginx: [emerg] x"),
        (" abcd", " ", "what answers at https://shop.example:9/.homeport/proxy is something else"),
        (" abcd", " dcba", "is dcba"),
        ("lasts ", "", "does not last another day"),
    ],
)
def test_proxy__a_site_that_differs_has_its_fault(old: str, new: str, fault: str) -> None:
    assert fault in "; ".join(described_proxy.faults(SITE, ANSWER.replace(old, new)))


def test_proxy__a_certificate_that_nobody_renews_is_a_fault() -> None:
    for old, new in (("shop active", "shop inactive"), ("enabled\nknown", "disabled\nknown")):
        answer = ANSWER.replace(old, new)
        assert "not renewed" in "; ".join(described_proxy.certificate_faults(CERTIFICATE, answer))
    assert "does not know" in "; ".join(
        described_proxy.certificate_faults(CERTIFICATE, ANSWER.replace("known", ""))
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_proxy__the_questions_are_shell_and_nothing_is_asked_of_nothing(
    shell: tuple[str, ...],
) -> None:
    health = b"processes: {web: {live: {path: '/a?b'}, ready: null}}"
    found = (*ALL.resources, PLAIN, File("/etc/homeport/shop/health.yml", health))
    is_shell(described_proxy.question(ALL), shell)
    script = question(DesiredState("shop", found))
    is_shell(script, shell)
    assert "ask https://shop.example:9/a\n" in script
    nothing = DesiredState("shop", ())
    assert (described_proxy.question(nothing), question(nothing)) == (":", ":")


def test_proxy__answers_are_read_whatever_they_are() -> None:
    response = b"HTTP/2 200 \r\nServer: nginx\r\nX-A: b: c\r\n\r\n"
    lines = [("one", response), ("two", b""), ("three", b"\xff")]
    found = answers("".join(f"reply\t{n}\t{base64.b64encode(s).decode()}\n" for n, s in lines))
    assert found["one"] == Answered(200, {"server": "nginx", "x-a": "b: c"})
    assert (found["two"].status, found["three"].status) == (0, 0)
    assert base(SITE) == "https://shop.example:9"


def test_proxy__good_answers_have_no_fault() -> None:
    assert serves(SITE, app(**TLS), Answered(200, HEADERS)) == []
    assert serves(SITE, app(**TLS), Answered(404, HEADERS)) == []
    led = Answered(308, {"server": "nginx", "location": "https://shop.example/"})
    assert serves(PLAIN, app(**TLS), led) == []
    assert serves(PLAIN, app(), Answered(200, HEADERS)) == []


@pytest.mark.parametrize(
    ("site", "proxy", "answered", "fault"),
    [
        (SITE, TLS, Answered(502, HEADERS), "nothing behind nginx answers: 502"),
        (SITE, TLS, Answered(0, {}), "no answer at all"),
        (SITE, TLS, Answered(200, {**HEADERS, "server": "nginx/1.22.1"}), "tells its version"),
        (PLAIN, {}, Answered(200, {"server": "nginx"}), "it says no X-Frame-Options"),
        (SITE, {**TLS, "response_headers": {"A": "b"}}, Answered(200, HEADERS), "it says no A"),
        (
            PLAIN,
            TLS,
            Answered(200, HEADERS),
            "it answers 200, and redirects to nowhere, not to HTTPS",
        ),
        (PLAIN, TLS, Answered(308, {"location": "http://x/"}), "redirects to http://x/"),
    ],
)
def test_proxy__a_bad_answer_has_its_fault(
    site: Site, proxy: dict[str, object], answered: Answered, fault: str
) -> None:
    assert fault in "; ".join(serves(site, app(**proxy), answered))


def test_proxy__what_is_for_the_host_alone_is_hidden_from_others() -> None:
    ours = "/.homeport/proxy"
    assert hidden(app(), PLAIN) == [ours, "/live", "/r"]
    assert hidden(app(expose_health_paths=True), PLAIN) == [ours]
    assert hidden(app(**TLS), PLAIN) == [ours], "it leads to HTTPS, whatever is asked"
    assert shows("/live", Answered(404, {})) == []
    assert shows("/live", Answered(200, {})) == ["/live answers 200 to others"]
    assert shows("/live", Answered(0, {})) == ["/live answers 0 to others"]
