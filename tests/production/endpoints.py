"""Health endpoints: asked on the host itself, whatever stands between it and others.

What is asked, and what a good answer is, is read from the file that is described for the host;
the asking is curl's alone, and none of the project's programs has a part in it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Any

import yaml

from homeport.description.paths import HostPaths
from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.hostctl.protocol import ACTIVE_SLOT

EVERYWHERE = {"00000000", "0" * 32}
LONGEST = 1_000_000
"""Bytes after which an answer has no end."""

# Base64, so that nothing in a body can pass for anything else. The status comes last, and is
# missing where an answer was cut off.
ASK = f"""\
ask() {{
  printf 'reply\\t%s\\t' "$1"
  shift
  curl -q -s -g --path-as-is --noproxy '*' -w '\\n%{{http_code}} %{{exitcode}}\\n' "$@" \\
    | head -c {LONGEST} | base64 -w 0
  echo
}}
"""


@dataclass(frozen=True)
class Endpoint:
    """One path of one process, how curl gets there, and what a good answer is."""

    process: str
    path: str
    port: int | None
    where: str
    status: int = 200
    body: str | None = None
    timeout: int = 5
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.process}{self.path}"

    @property
    def ask(self) -> str:
        """The line of shell that asks, where ``ASK`` is known."""
        return f"ask {quote(str(self))} --max-time {self.timeout} {self.where}"


@dataclass(frozen=True)
class Reply:
    """What an endpoint said, and curl's exit code. The status is 0 when nothing answered."""

    status: int
    body: bytes
    exit: int = 0

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace").strip()


NOTHING = Reply(0, b"")
ENDLESS = Reply(0, b"", exit=63)


def health_checks(description: DesiredState) -> dict[str, Any]:
    """Return what is asked of each process, as it stands in the file that is described.

    A laptop has no such file: nothing watches its processes.
    """
    path = HostPaths(description.app).health
    texts = [file.content for file in description.of(File) if file.path == path]
    return {
        name: check for text in texts for name, check in yaml.safe_load(text)["processes"].items()
    }


def endpoints(description: DesiredState) -> Iterator[Endpoint]:
    """Yield the endpoints of an application, each with curl's arguments for it."""
    for name, process in health_checks(description).items():
        for wanted in filter(None, (process["live"], process["ready"])):
            url = quote(process["url"] + wanted["path"])
            socket = process["socket"]
            if socket and "{slot}" in socket:
                # As the web server asks, whichever slot it is.
                socket = socket.replace("{slot}", ACTIVE_SLOT)
            headers = "".join(f"-H {quote(f'{n}: {v}')} " for n, v in process["headers"].items())
            where = f"--unix-socket {quote(socket)} {headers}{url}" if socket else headers + url
            port = None if socket else int(process["url"].rpartition(":")[2])
            good = (wanted["status"], wanted["expect_body"], process["timeout"])
            sent = tuple(process["headers"].items())
            yield Endpoint(name, wanted["path"], port, where, *good, sent)


def question(description: DesiredState) -> str:
    """Return the shell that asks every endpoint, and tells where each port is listened on."""
    found = list(endpoints(description))
    if not found:
        return ":"
    lines = "\n".join(endpoint.ask for endpoint in found)
    ports = "|".join(f"*:{port:04X}' '0A" for port in sorted({e.port for e in found if e.port}))
    return f"""\
{ASK}
{lines}
read -r uptime _ </proc/uptime
printf 'uptime\\t%s\\n' "$uptime"
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ local _ state _; do
  case "$local $state" in {ports or "''"}) printf 'listens\\t%s\\n' "$local" ;; esac
done
"""


def replies(answer: str) -> dict[str, Reply]:
    """Return what each endpoint said, by the endpoint's name."""
    lines = (line.split("\t") for line in answer.splitlines())
    return {line[1]: _reply(base64.b64decode(line[2])) for line in lines if line[0] == "reply"}


def _reply(output: bytes) -> Reply:
    if len(output) == LONGEST:
        return ENDLESS
    body, _, status = output.rstrip(b"\n").rpartition(b"\n")
    code, _, exit_code = status.partition(b" ")
    return Reply(int(code), body, int(exit_code)) if exit_code else NOTHING


def fault(endpoint: Endpoint, reply: Reply) -> str | None:
    """Return what is wrong with an answer, None if it is a good one."""
    if reply == ENDLESS:
        return "has an answer without an end"
    if reply.exit == 28:
        return f"has not answered within {endpoint.timeout} s"
    if reply.exit or not reply.status:
        return f"does not answer: curl exits with {reply.exit}"
    if reply.status != endpoint.status:
        return f"answers {reply.status}: {reply.text[:300]}"
    if endpoint.body is not None and endpoint.body.encode() not in reply.body:
        return f"answers without {endpoint.body!r}: {reply.text[:300]}"
    return None


def uptime(answer: str) -> float:
    """Return the uptime of the host, in seconds, when it answered."""
    return next(
        float(line.split("\t")[1]) for line in answer.splitlines() if line[:7] == "uptime\t"
    )


def is_public(endpoint: Endpoint, answer: str) -> bool:
    """Say whether the endpoint's port is listened on at every address of the host."""
    if endpoint.port is None:
        return False
    listens = (line.split("\t")[1] for line in answer.splitlines() if line.startswith("listens\t"))
    places = (place.split(":") for place in listens)
    return any(at in EVERYWHERE and int(port, 16) == endpoint.port for at, port in places)
