"""Health endpoints: asked on the host itself, whatever stands between it and others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from homeport.manifest import App

EVERYWHERE = {"00000000", "0" * 32}


@dataclass(frozen=True)
class Endpoint:
    """One path of one process that should answer 200."""

    process: str
    path: str
    port: int | None
    where: str

    def __str__(self) -> str:
        return f"{self.process}{self.path}"


@dataclass(frozen=True)
class Reply:
    """What an endpoint said. The status is 0 when nothing answered."""

    status: int
    body: str


NOTHING = Reply(0, "")


def endpoints(app: App) -> Iterator[Endpoint]:
    """Yield the endpoints of an application, each with curl's arguments for it."""
    for name, process in app.processes.items():
        health = process.health
        for path in (health.live, health.ready) if health else ():
            if path is None:
                continue
            if isinstance(process.listen, int):
                where = quote(f"http://127.0.0.1:{process.listen}{path}")
                yield Endpoint(name, path, process.listen, where)
            else:
                socket = f"/run/{app.unit(name)}/{name}.sock"
                where = f"--unix-socket {socket} {quote(f'http://localhost{path}')}"
                yield Endpoint(name, path, None, where)


def question(app: App) -> str:
    """Return the shell that asks every endpoint, and tells where each port is listened on."""
    asked = list(endpoints(app))
    if not asked:
        return ":"
    calls = (rf"-s --max-time 5 -w '\nstatus\t%{{http_code}}\t{e}\n' {e.where}" for e in asked)
    ports = "|".join(f"*:{port:04X}' '0A" for port in sorted({e.port for e in asked if e.port}))
    return f"""\
curl {" --next ".join(calls)} || :
read -r uptime _ </proc/uptime
printf 'uptime\\t%s\\n' "$uptime"
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ local _ state _; do
  case "$local $state" in {ports or "''"}) printf 'listens\\t%s\\n' "$local" ;; esac
done
"""


def replies(answer: str) -> dict[str, Reply]:
    """Return what each endpoint said, by the endpoint's name."""
    found = {}
    body: list[str] = []
    for line in answer.splitlines():
        match line.split("\t"):
            case ["status", code, name]:
                found[name] = Reply(int(code), "\n".join(body).strip())
                body = []
            case _:
                body.append(line)
    return found


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
