"""The check by the proxy: one request as a client makes it, which one start of a process answers.

It enters by the proxy's own listener and names the start by its token, so no other slot and no
other program can answer it. What the proxy adds to the answer says which configuration it runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..protocol import (
    ACTIVE_SLOT,
    ANSWERED_HEADER,
    PLACE_HEADER,
    PROXY_HEADER,
    TOKEN_DIGITS,
    TOKEN_HEADER,
)
from ..system.subprocesses import MISSING, Commands
from ..system.systemd import Systemd
from . import listeners
from .finding import Finding

NGINX = "nginx.service"
REFUSED = 7
"""How curl ends if nothing listens there."""
LATE = 28
TAIL = 20_000
"""Bytes of a log that are read from its end."""
DIGEST = re.compile(r"^# It says ([0-9a-f]+) ", re.MULTILINE)
HOSTS = (
    "allow this host name in the application (Django: ALLOWED_HOSTS), or name another by"
    " health.host in app.yml"
)


@dataclass(frozen=True)
class ProxyCheck:
    """A check of one process by the proxy.

    + site: the proxy's file, which says what digest it answers with
    + log: the file of its errors
    + timeout: seconds for an answer
    + proxied: the folder by which it reaches the sockets of the process
    """

    url: str
    site: str
    log: str
    timeout: float
    proxied: str

    def run(
        self, commands: Commands, systemd: Systemd, unit: str, place: str, root: Path
    ) -> Finding | None:
        """Return why this unit doesn't answer by the proxy, None if it does.

        + place: the slot to ask in, or ``active`` for what serves
        """
        token = systemd.show([unit])[unit].invocation[:TOKEN_DIGITS]
        if not token:
            return Finding(f"{unit} does not run")
        code, words, headers = self._ask(commands, token, place)
        port = urlsplit(self.url).port or 0
        if code == MISSING:
            return Finding(f"the proxy can't be asked: {words}", lasting=True, of_host=True)
        if code == REFUSED:
            state = systemd.show([NGINX])[NGINX].state
            text = f"nothing answers on port {port}: {NGINX} is {state}."
            fix = f"`systemctl status {NGINX}` says why; then `systemctl start {NGINX}`"
            return Finding(f"{text} Fix: {fix}", lasting=True, of_host=True)
        if wrong := self._elsewhere(code, headers, port, root):
            return wrong
        if headers.get(ANSWERED_HEADER.lower(), "-") == "-":
            return self._unanswered(code, unit, token, place, root)
        return _judged(int(headers[""]), self.url)

    def _ask(self, commands: Commands, token: str, place: str) -> tuple[int, str, dict[str, str]]:
        argv = ["curl", "-q", "-sS", "-k", "--globoff", "--path-as-is", "--noproxy", "*"]
        argv += ["--connect-to", "::127.0.0.1:", "--max-time", f"{self.timeout:g}"]
        argv += ["-H", f"{TOKEN_HEADER}: {token}", "-H", f"{PLACE_HEADER}: {place}"]
        done = commands.run([*argv, "-o", "/dev/null", "-D", "-", self.url])
        return done.code, " ".join(done.err.split()), _headers(done.out)

    def _elsewhere(
        self, code: int, headers: Mapping[str, str], port: int, root: Path
    ) -> Finding | None:
        """Return why the answer is not that of the proxy with the site that lies here."""
        answers = headers.get(PROXY_HEADER.lower())
        wanted = self._digest(root)
        if wanted is None:
            return Finding(f"{self.site}, the proxy's file, is not there", True, True)
        if answers == wanted or (code == LATE and not headers[""]):
            return None
        others = [each for each in listeners.listeners(port, root) if each.unit != NGINX]
        if answers is None and others:
            text = f"port {port} is taken: {', '.join(map(str, others))} listens there, not {NGINX}"
            fix = "stop it, or give the proxy another port (proxy.port in app.yml)"
        else:
            runs = f"configuration {answers}" if answers else "a configuration without this site"
            text = f"{NGINX} runs {runs}, and {self.site} is {wanted}"
            fix = f"`nginx -t && systemctl reload {NGINX}`, and that no other site has its name"
        return Finding(f"{text}. Fix: {fix}", lasting=True, of_host=True)

    def _digest(self, root: Path) -> str | None:
        try:
            found = DIGEST.search((root / self.site.lstrip("/")).read_text(errors="replace"))
        except OSError:
            return None
        return found[1] if found else None

    def _unanswered(self, code: int, unit: str, token: str, place: str, root: Path) -> Finding:
        folder = root / self.proxied.lstrip("/") / place
        if not os.path.lexists(folder / token):
            to = f", which is {folder.readlink()}" if folder.is_symlink() else ""
            where = "what serves" if place == ACTIVE_SLOT else f"slot {place}"
            return Finding(f"the proxy reaches {where}{to}, and {unit} is not there", True)
        if code == LATE:
            return Finding(f"{unit} has not answered by the proxy within {self.timeout:g} s")
        reason = self._reason(token, root)
        text = f"nginx can't reach {unit} at {self.proxied}/{place}/{token}: {reason}"
        if "ermission" not in reason:
            return Finding(text)
        fix = "give the folder to the group www-data with mode 710, and the socket mode 666"
        return Finding(f"{text}. Fix: {fix}", lasting=True, of_host=True)

    def _reason(self, token: str, root: Path) -> str:
        """Return the proxy's own words for what kept it from a start, by its log."""
        try:
            with (root / self.log.lstrip("/")).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            lines = []
        found = (re.search(r"\((\d+: [^)]+)\)", line) for line in reversed(lines) if token in line)
        return next((match[1] for match in found if match), "it does not answer")


def _headers(text: str) -> dict[str, str]:
    """Return the headers of a response by their names in small letters; its status is ``""``."""
    head = text.replace("\r\n", "\n").strip("\n").split("\n\n")[-1].split("\n")
    pairs = (line.partition(":") for line in head[1:])
    status = head[0].split(" ")[1:2] or [""]
    return {"": status[0], **{name.lower(): value.strip() for name, _, value in pairs}}


def _judged(status: int, url: str) -> Finding | None:
    if status == 400:
        name = urlsplit(url).hostname
        return Finding(f"it answers 400 by the proxy, asked as {name}. Fix: {HOSTS}", lasting=True)
    return Finding(f"it answers {status} by the proxy") if status >= 500 else None
