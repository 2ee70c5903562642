"""One start of a process answers by the proxy, or the finding says what stands between."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from homeport.hostctl.serving.finding import Finding
from homeport.hostctl.serving.proxy_check import ProxyCheck
from homeport.hostctl.system.subprocesses import Commands, CompletedCommand
from homeport.hostctl.system.systemd import Systemd

UNIT = "shop-web@a.service"
INVOCATION = "0123456789abcdef0123456789abcdef"
TOKEN = INVOCATION[:16]
LOG = "/var/log/nginx/homeport-shop.error.log"
CHECK = ProxyCheck(
    "https://shop.example:8443/.homeport/served",
    "/etc/nginx/conf.d/homeport-shop.conf",
    LOG,
    5,
    "/run/homeport-proxy/shop/web",
)
WELL = "HTTP/2 200 \r\nX-Homeport-Proxy: f00d\r\nx-homeport-answered: 0.004\r\n\r\n"


@dataclass
class Answering(Commands):
    """A host on which curl ends so, and nginx and the unit are in these states."""

    code: int = 0
    answer: str = WELL
    nginx: str = "active"
    invocation: str = INVOCATION
    argv: list[str] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002 - as the program names it
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> CompletedCommand:
        if argv[0] == "curl":
            self.argv = list(argv)
            return CompletedCommand(self.code, self.answer, "curl: (7) no")
        state = self.nginx if argv[-1] == "nginx.service" else "active"
        text = f"ActiveState={state}\nInvocationID={self.invocation}\n"
        text += "ActiveEnterTimestampMonotonic=0\nUnitFileState=\n"
        return CompletedCommand(0, text, "")


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host whose proxy reaches slot a, in which the unit has its name."""
    site = tmp_path / CHECK.site.lstrip("/")
    site.parent.mkdir(parents=True)
    site.write_text("# Answers to shop.example.\n# It says f00d at https://x as long\n")
    folder = tmp_path / CHECK.proxied.lstrip("/")
    (folder / "a").mkdir(parents=True)
    (folder / "a" / TOKEN).touch()
    (folder / "active").symlink_to("a")
    (tmp_path / LOG.lstrip("/")).parent.mkdir(parents=True)
    (tmp_path / "proc/net").mkdir(parents=True)
    return tmp_path


def judged(host: Path, host_: Answering, place: str = "active") -> Finding | None:
    return CHECK.run(host_, Systemd(host_), UNIT, place, host)


def test_proxy_check__a_start_that_answers_is_well_whatever_it_answers_below_500(
    host: Path,
) -> None:
    for status in (200, 204, 301, 401, 403, 404, 426, 499):
        answer = WELL.replace("200", str(status))
        assert judged(host, Answering(answer=answer)) is None, status


def test_proxy_check__the_request_is_that_of_a_client_and_names_the_start(host: Path) -> None:
    host_ = Answering()
    judged(host, host_)
    words = " ".join(host_.argv)
    assert host_.argv[-1] == "https://shop.example:8443/.homeport/served"
    assert "--connect-to ::127.0.0.1: " in words
    assert f"-H X-Homeport-Token: {TOKEN} -H X-Homeport-Place: active" in words
    assert "--max-time 5 " in words
    judged(host, host_, "a")
    assert "X-Homeport-Place: a" in host_.argv


UNANSWERED = WELL.replace("200", "502").replace("0.004", "-")
FINDINGS = {
    "400": (
        Answering(answer=WELL.replace("200", "400")),
        "answers 400 .* shop.example.* ALLOWED_H",
    ),
    "500": (Answering(answer=WELL.replace("200", "500")), "it answers 500 by the proxy"),
    "dead": (Answering(7, "", "failed"), "nothing answers on port 8443: nginx.service is failed"),
    "another": (
        Answering(answer=WELL.replace("f00d", "beef")),
        "runs configuration beef, and .* f00d",
    ),
    "none": (Answering(answer="HTTP/1.1 404 X\r\n\r\n"), "runs a configuration without this site"),
    "no curl": (Answering(127, ""), "the proxy can't be asked"),
    "no HTTP": (Answering(52, ""), "runs a configuration without this site"),
    "late": (Answering(28, ""), "has not answered by the proxy within 5 s"),
    "gone": (Answering(invocation=""), f"{UNIT} does not run"),
    "refused": (
        Answering(answer=UNANSWERED),
        f"can't reach {UNIT} at .*/active/{TOKEN}: .* not answer",
    ),
}
OF_HOST = {"dead", "another", "none", "no curl", "no HTTP"}


@pytest.mark.parametrize("kind", FINDINGS)
def test_proxy_check__what_stands_between_is_named(host: Path, kind: str) -> None:
    host_, text = FINDINGS[kind]
    found = judged(host, host_)
    assert found is not None
    assert re.search(text, found.text), found.text
    assert found.of_host is (kind in OF_HOST)
    assert found.lasting is (kind in OF_HOST | {"400"})


def test_proxy_check__another_start_than_the_one_that_serves_is_not_well(host: Path) -> None:
    (host / CHECK.proxied.lstrip("/") / "a" / TOKEN).unlink()
    found = judged(host, Answering(answer=UNANSWERED))
    assert found is not None
    assert "reaches what serves, which is a, and shop-web@a.service is not there" in found.text


def test_proxy_check__a_socket_that_nginx_may_not_open_is_named_with_its_fix(host: Path) -> None:
    (host / LOG.lstrip("/")).write_text(
        "connect() to unix:/run/x failed (2: No such file or directory)\n"
        f"connect() to unix:{CHECK.proxied}/active/{TOKEN} failed (13: Permission denied) while\n"
    )
    found = judged(host, Answering(answer=UNANSWERED))
    assert found is not None
    assert (found.lasting, found.of_host) == (True, True)
    assert "13: Permission denied. Fix: give the folder to the group www-data" in found.text


def test_proxy_check__a_site_that_is_gone_is_a_finding(host: Path) -> None:
    (host / CHECK.site.lstrip("/")).unlink()
    found = judged(host, Answering())
    assert found is not None
    assert found.text == f"{CHECK.site}, the proxy's file, is not there"


def test_proxy_check__a_stranger_on_the_proxys_port_is_named(host: Path) -> None:
    (host / "proc/net/tcp").write_text(
        "head\n 0: 00000000:20FB 00000000:0000 0A 0:0 0:0 0 0 0 4711 1 0\n"
    )
    (host / "proc/42/fd").mkdir(parents=True)
    (host / "proc/42/fd/3").symlink_to("socket:[4711]")
    (host / "proc/42/comm").write_text("pihole-FTL\n")
    (host / "proc/42/cgroup").write_text("0::/system.slice/pihole-FTL.service\n")
    found = judged(host, Answering(answer="HTTP/1.1 200 OK\r\n\r\n"))
    assert found is not None
    assert "port 8443 is taken: pihole-FTL (pid 42, pihole-FTL.service) listens" in found.text
