"""A host with the host program alone, and two tiny releases of an application that it switches."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lab
from tests.e2e.lab import host_program
from tests.e2e.lab.host_program import Connection

HOST = "staging"
UNITS = "/etc/systemd/system"
SOCKET = "/run/homeport-sockets/tiny/web.sock"
PATIENCE = 60

PROGRAMS = {
    # As an application would bring it: whether a process is ready is asked of that process.
    "/srv/tiny/bin/check-health": """\
#!/bin/sh
exec ask /run/tiny-$2-$HOMEPORT_SLOT/$2.sock
""",
    "/usr/local/bin/ask": """\
#!/usr/bin/python3 -I
import socket, sys

with socket.socket(socket.AF_UNIX) as to:
    to.settimeout(1)
    to.connect(sys.argv[1])
    to.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    print(to.makefile().read().split("\\n")[-1], end="")
""",
    # What a controller does, in one go: DEPLOY ID RELEASE, then what to do after the activation.
    "/root/deploy": f"""\
#!/bin/sh
set -e
id=$1 release=$2
managed="/etc/homeport/tiny/processes.json /etc/homeport/tiny/units/tiny-web@.service"
managed="$managed {UNITS}/tiny-worker.service"
printf '{{"id": "%s", "who": "lab", "what": "deploy"}}\\n' "$id" | homeportctl begin tiny
homeportctl snapshot tiny "$id" /var/lib/homeport/tiny/files $managed
mkdir -p /etc/homeport/tiny/units /srv/tiny/releases
[ -e /srv/tiny/releases/$release ] || cp -r /root/$release/release /srv/tiny/releases/$release
for line in "version 1" $managed; do echo "$line"; done >/var/lib/homeport/tiny/files
cp /root/$release/processes.json /etc/homeport/tiny/
cp /root/$release/tiny-web@.service /etc/homeport/tiny/units/
cp /root/$release/tiny-worker.service {UNITS}/
systemctl daemon-reload
homeportctl activate tiny "$id" <<'END'
{{"slots": true, "restart": ["tiny-worker.service"], "enable": ["tiny-worker.service"],
  "stop": [], "once": []}}
END
""",
    f"{UNITS}/homeportctl-boot.service": """\
[Unit]
After=local-fs.target
Before=nginx.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/homeportctl boot
[Install]
WantedBy=multi-user.target
""",
}

WEB = """\
import os, socketserver, sys
from http.server import BaseHTTPRequestHandler


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{name}")

    def address_string(self):
        return "somebody"


{fate}
socketserver.ThreadingUnixStreamServer(sys.argv[1], Answer).serve_forever()
"""

WORK = """\
import time

with open("/run/tiny-worker", "w") as file:
    print("{name}", file=file)
time.sleep(1e6)
"""

UNIT = """\
# {name}
[Unit]
Description=tiny: {what}
After=homeportctl-boot.service
[Service]
ExecStart=/usr/bin/python3 {program}
{more}
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
"""


def release(name: str, fate: str = "", **numbers: int) -> dict[str, str]:
    """Return the files of a release by their paths; ``fate`` is what it runs at its start."""
    web = {"unit": "tiny-web@", "ready": True, "deadline": 20, "successes": 1}
    web |= {"socket": "/run/tiny-web-{slot}/web.sock", "link": SOCKET}
    spec = {
        "app": "tiny",
        "release": f"/srv/tiny/releases/{name}",
        "current": "/srv/tiny/current",
        "check": "/srv/tiny/bin/check-health",
        "slots": {"web": web},
        "singles": {"worker": {"unit": "tiny-worker.service"}},
        "timers": [],
        **{
            "version": 1,
            "soak": 1,
            "drain_timeout": 3,
            "keep_releases": 3,
            "data_version": 1,
            **numbers,
        },
    }
    runs = "/srv/tiny/slots/%i/release/web.py /run/tiny-web-%i/web.sock"
    work = "/srv/tiny/current/work.py"
    more = "RuntimeDirectory=tiny-web-%i\nKillMode=mixed"
    return {
        f"/root/{name}/release/web.py": WEB.format(name=name, fate=fate),
        f"/root/{name}/release/work.py": WORK.format(name=name),
        f"/root/{name}/release/venv/none": "",
        f"/root/{name}/processes.json": json.dumps(spec),
        f"/root/{name}/tiny-web@.service": UNIT.format(
            name=name, what="web", program=runs, more=more
        ),
        f"/root/{name}/tiny-worker.service": UNIT.format(
            name=name, what="work", program=work, more=""
        ),
    }


def install(releases: dict[str, str]) -> None:
    """Put the host program, and the files of all releases, on a host."""
    host_program.install(HOST)
    lines = ["import json, os, sys", "for path, text in json.load(sys.stdin).items():"]
    lines += ["    os.makedirs(os.path.dirname(path), exist_ok=True)"]
    lines += ["    open(path, 'w').write(text)", "    os.chmod(path, 0o755)"]
    sent = json.dumps({**PROGRAMS, **releases})
    done = lab.run(HOST, ["python3", "-c", "\n".join(lines)], root=True, stdin=sent)
    assert done.returncode == 0, done.stderr
    ran("systemctl enable -q homeportctl-boot; systemctl daemon-reload")


def ran(script: str, code: int = 0) -> str:
    """Run a script as root; insist on its exit code, and return what it said."""
    done = lab.run(HOST, script, root=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@contextmanager
def halfway(name: str, release: str) -> Iterator[Connection]:
    """Begin a deploy over a connection of its own, and give it when the new slot is started."""
    connection = Connection(HOST)
    connection.send(f"/root/deploy {name} {release}")
    until(journal, "started")
    yield connection
    connection.kill()


def deploy(name: str, release: str) -> str:
    """Deploy a release and confirm it, over a new connection; return what was said."""
    return ran(f"/root/deploy {name} {release}") + ran(f"homeportctl confirm tiny {name}")


def answer() -> str:
    """Return what answers behind the link."""
    return lab.run(HOST, f"ask {SOCKET} 2>/dev/null", root=True).stdout


def slots() -> str:
    """Return the units of slots that run."""
    show = "systemctl list-units --plain --no-legend --state=active 'tiny-web@*' | cut -d' ' -f1"
    return ran(show).strip()


def until(observe: Callable[[], object], wanted: object) -> None:
    """Wait until something is as it should be; fail if it never is."""
    end = time.monotonic() + PATIENCE
    while (seen := observe()) != wanted:
        assert time.monotonic() < end, f"still {seen!r}, not {wanted!r}"
        time.sleep(0.2)


def journal() -> str:
    """Return the state of the open deploy, nothing if none is open."""
    last = "import json, sys; print(json.loads(sys.stdin.read().splitlines()[-1])['state'])"
    read = f'python3 -c "{last}" </var/lib/homeport/tiny/journal'
    return ran(f"[ ! -e /var/lib/homeport/tiny/journal ] || {read}").strip()


def history() -> list[dict[str, Any]]:
    """Return what became of each deploy."""
    return [json.loads(line) for line in ran("homeportctl history tiny --json").splitlines()]


def whole(release: str) -> None:
    """Insist that this release runs, alone and whole, and that no deploy is open."""
    until(journal, "")
    until(answer, release)
    until(lambda: len(slots().split()), 1)
    until(lambda: ran("systemctl is-active tiny-worker || :"), "active\n")
    script = f"""\
readlink /srv/tiny/current
head -q -n 1 /etc/homeport/tiny/units/tiny-web@.service {UNITS}/tiny-worker.service
cat /run/tiny-worker
ls /var/lib/homeport
"""
    seen = [f"/srv/tiny/releases/{release}", f"# {release}", f"# {release}", release]
    assert ran(script).splitlines() == [*seen, "hmac-key", "mutex", "tiny"]
