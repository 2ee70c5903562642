"""What nginx answers to others: asked on the host, by the address at which others see it.

Asked from there nginx takes the host for another client, so this needs no way from here to there.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from shlex import quote
from typing import Any
from urllib.parse import urlsplit

from homeport.description.proxy import headers
from homeport.engine.kind import DesiredState
from homeport.manifest import App
from homeport.operations.proxy.resources import Site
from tests.production.endpoints import health_checks

OURS = "/.homeport/proxy"
UNAVAILABLE = {0, 502, 503, 504}
ASK = """\
seen=$(hostname -I | cut -d ' ' -f 1)
ask() {
  printf 'reply\\t%s\\t' "$1"
  curl -q -s -k -g --path-as-is --noproxy '*' --max-time 10 --connect-to "::$seen:" \\
    -o /dev/null -D - "$1" | base64 -w 0
  echo
}
"""


@dataclass(frozen=True)
class Answered:
    """The status and the headers of an answer; the status is 0 when nothing answered."""

    status: int
    headers: dict[str, str]


def base(site: Site) -> str:
    """Return what comes before the path in the addresses that a site answers to."""
    url = urlsplit(site.url)
    return f"{url.scheme}://{url.netloc}"


def question(description: DesiredState) -> str:
    """Return the shell that asks each site for its first page, and for what it may hide."""
    health = (wanted for check in health_checks(description).values() for wanted in _pages(check))
    pages = dict.fromkeys(["/", OURS, *(wanted["path"].partition("?")[0] for wanted in health)])
    lines = [f"ask {quote(base(s) + page)}" for s in description.of(Site) for page in pages]
    return "\n".join([ASK, *lines]) if lines else ":"


def _pages(check: dict[str, Any]) -> list[dict[str, Any]]:
    return [check[name] for name in ("live", "ready") if check[name]]


def hidden(app: App, site: Site) -> list[str]:
    """Return the paths that a site should not answer to others than the host."""
    if (
        app.proxy is None
        or app.proxy.expose_health_paths
        or (app.proxy.tls and not site.certificate)
    ):
        return [OURS]
    health = app.processes[app.proxy.process].health
    pages = [page.path for page in (health.live, health.ready) if page] if health else []
    return [OURS, *(page.partition("?")[0] for page in pages)]


def answers(answer: str) -> dict[str, Answered]:
    """Return what was answered, by the address that was asked."""
    lines = (line.split("\t") for line in answer.splitlines())
    return {line[1]: _read(base64.b64decode(line[2])) for line in lines if line[0] == "reply"}


def _read(response: bytes) -> Answered:
    first, *rest = response.decode(errors="replace").split("\r\n")
    status = first.split(" ")[1:2]
    pairs = (line.partition(": ") for line in rest if ": " in line)
    return Answered(int(status[0]) if status else 0, {n.lower(): value for n, _, value in pairs})


def serves(site: Site, app: App, answered: Answered) -> list[str]:
    """Return what is wrong with the answer for the first page."""
    if answered.status in UNAVAILABLE:
        return [f"nothing behind nginx answers: {answered.status or 'no answer at all'}"]
    wrong = []
    if "/" in answered.headers.get("server", ""):
        wrong.append(f"it tells its version: {answered.headers['server']}")
    if app.proxy and app.proxy.tls and not site.certificate:
        location = answered.headers.get("location", "nowhere")
        if answered.status != 308 or not location.startswith("https://"):
            wrong.append(f"it answers {answered.status}, and redirects to {location}, not to HTTPS")
        return wrong
    wanted = headers(app.proxy) if app.proxy else {}
    missing = [name for name in wanted if name.lower() not in answered.headers]
    return wrong + [f"it says no {name}" for name in missing]


def shows(path: str, answered: Answered) -> list[str]:
    """Return that a path is answered to others which should not be, if it is."""
    return [] if answered.status in (403, 404) else [f"{path} answers {answered.status} to others"]
