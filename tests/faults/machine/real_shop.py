"""The shop of the model, on a machine: the same files, with units that systemd runs."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from lab.full_machine import FullMachine
from tests.e2e.lab import host_program
from tests.e2e.lab.switching import PROGRAMS
from tests.support.fake_systemd import UNITS, Run
from tests.support.shop_host import Shop
from tests.support.shop_versions import TIMER, WORKER, Version

HERE = Path(__file__).parent
SOCKET = "/run/homeport-sockets/shop/web.sock"
DRAIN, DEADLINE = 2, 240
"""Seconds that a slot has to end, and to get ready: an emulated processor is slow."""
PATIENCE, SECONDS = 300.0, 900.0

WEB = """\
import json, os, socketserver, sys
from http.server import BaseHTTPRequestHandler

slot = "/srv/shop/slots/" + sys.argv[1]
release = os.path.basename(os.path.realpath(slot + "/release"))
body = {"release": release, "environment": open(slot + "/etc/environment").read()}


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def address_string(self):
        return "-"


socketserver.ThreadingUnixStreamServer(sys.argv[2], Answer).serve_forever()
"""
WORK = """\
import json, os, time

release = os.path.basename(os.path.realpath("/srv/shop/current"))
body = {"release": release, "environment": open("/etc/homeport/shop/environment").read()}
with open("/run/shop-worker", "w") as file:
    json.dump(body, file)
time.sleep(1e6)
"""
SERVICE = """\
[Unit]
After=homeportctl-boot.service
[Service]
ExecStart=/usr/bin/python3 {program}
{more}
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
"""
TEXTS = {
    "shop-web@.service": SERVICE.format(
        program="/srv/shop/slots/%i/release/web.py %i /run/shop-web-%i/web.sock",
        more="RuntimeDirectory=shop-web-%i\nKillMode=mixed",
    ),
    WORKER: SERVICE.format(program="/srv/shop/current/work.py", more=""),
    TIMER: "[Timer]\nOnCalendar=yearly\n[Install]\nWantedBy=multi-user.target\n",
    "shop-tidy.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
}
"""What systemd reads of each unit, below the line that says whose it is."""

WRITER = """\
import json, os, shutil, subprocess, sys

wanted = json.load(sys.stdin)
name, request = wanted["id"], wanted["activate"]


def ctl(*words, says=""):
    code = subprocess.run(["homeportctl", *words], input=says, text=True).returncode
    if code:
        sys.exit(code)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".homeport-new", "w") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
    os.rename(path + ".homeport-new", path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


code = wanted["code"]
release, venv = "/srv/shop/releases/" + code, "/srv/shop/venvs/venv-" + code
if not os.path.exists(release):
    os.makedirs(venv, exist_ok=True)
    shutil.copytree("/root/release", release)
    os.symlink("../../venvs/venv-" + code, release + "/venv")
    os.sync()
ctl("begin", "shop", says=json.dumps({"id": name, "who": "eve@desk", "what": "deploy"}))
for ledger, files in wanted["ledgers"].items():
    path = "/var/lib/homeport/shop/" + ledger
    had = open(path).read().splitlines()[1:] if os.path.exists(path) else []
    ctl("snapshot", "shop", name, path, *had, *files)
    write(path, "".join(line + "\\n" for line in ("version 1", *files)))
    for each, text in files.items():
        write(each, text)
subprocess.run(["systemctl", "daemon-reload"], check=True)
ctl("activate", "shop", name, says=json.dumps(request))
ctl("confirm", "shop", name)
print("deployed")
"""
"""What a controller does, in one go and in the order of the model's."""

ASK = f"""\
import json, os, re, subprocess

def lines(path):
    try:
        return open(path).read().splitlines()
    except OSError:
        return []

shown = subprocess.run(
    ["systemctl", "list-units", "--plain", "--no-legend", "--state=active", "shop-*"],
    capture_output=True, text=True).stdout.split("\\n")
read = {{}}
for unit in (line.split()[0] for line in shown if line.split()):
    if not unit.endswith((".service", ".timer")):
        continue
    body = {{}}
    if unit == "{WORKER}":
        body = json.loads("\\n".join(lines("/run/shop-worker")) or "{{}}")
    elif "@" in unit:
        slot = unit.partition("@")[2].removesuffix(".service")
        asked = ["ask", "/run/shop-web-" + slot + "/web.sock"]
        body = json.loads(subprocess.run(asked, capture_output=True, text=True).stdout or "{{}}")
    read[unit] = {{**body, "text": lines("/{UNITS}/" + unit)[0].removeprefix("# ")}}
print(json.dumps(read))
"""
"""Which units run, and what each has read."""

GATHERED = """\
cd / && find etc/homeport/shop etc/systemd/system/*.wants/shop-* etc/systemd/system/shop-* \
  run/homeport-sockets/shop srv/shop/current srv/shop/slots var/lib/homeport \
  ! -type s 2>/dev/null | tar --no-recursion -czf - -T - | base64
"""

UNPACK = (
    "import json, os, sys\n"
    "for path, text in json.load(sys.stdin).items():\n"
    "    os.makedirs(os.path.dirname(path), exist_ok=True)\n"
    '    open(path, "w").write(text)\n'
    "    os.chmod(path, 0o755)\n"
)


@dataclass(frozen=True)
class RealVersion(Version):
    """A version of the shop that systemd runs; its paths are those of the model's."""

    def files(self) -> dict[str, dict[str, str]]:
        """Return the managed files by ledger."""
        ledgers = super().files()
        return {
            name: {path: _real(Path(path).name, text) for path, text in files.items()}
            for name, files in ledgers.items()
        }


def _real(name: str, text: str) -> str:
    if name == "processes.json":
        spec = json.loads(text) | {"drain_timeout": DRAIN}
        for process in (*spec["slots"].values(), *spec["singles"].values()):
            process["deadline"] = DEADLINE
        return json.dumps(spec, sort_keys=True, indent=1)
    return f"# {text}\n{TEXTS[name]}" if name in TEXTS else text


def real(version: Version) -> RealVersion:
    """Return a version of the model's as systemd runs it."""
    return RealVersion(**version.__dict__)


class RealShop:
    """The shop on a machine that is switched on."""

    def __init__(self, machine: FullMachine) -> None:
        self.machine = machine

    def install(self) -> None:
        """Put the program there, which can be cut at any call, and what its releases are of."""
        main = (HERE / "cutting_main.py").read_text()
        files = {
            "/usr/local/lib/homeportctl/__main__.py": main,
            "/usr/local/lib/homeportctl/disk_calls.py": (HERE.parent / "disk_calls.py").read_text(),
            "/root/deploy.py": WRITER,
            "/srv/shop/bin/check-health": (
                "#!/bin/sh\nexec ask /run/shop-$2-$HOMEPORT_SLOT/$2.sock\n"
            ),
            "/root/release/web.py": WEB,
            "/root/release/work.py": WORK,
            **{path: text for path, text in PROGRAMS.items() if "boot" in path or "ask" in path},
        }
        self._insist("base64 -d | tar -xz -C /", host_program.archive())
        self._insist(f"python3 -c '{UNPACK}'", json.dumps(files))
        self._insist("systemctl enable -q homeportctl-boot; sync")

    def deploy(self, name: str, version: Version) -> CompletedProcess[str]:
        """Deploy a version, to its confirmation; return what came of it."""
        units = [WORKER, TIMER]
        request = {"slots": True, "restart": units, "enable": units, "stop": [], "once": []}
        sent = {"id": name, "code": version.code, "activate": request}
        sent["ledgers"] = real(version).files()
        return self.machine.run("python3 /root/deploy.py", json.dumps(sent), SECONDS)

    def rollback(self) -> CompletedProcess[str]:
        """Go back by hand; return what came of it."""
        return self.machine.run("homeportctl rollback shop", timeout=SECONDS)

    def watch(self, at: str = "", manner: str = "") -> None:
        """Have the program note its calls from now on, and stop before one of them."""
        script = "rm -rf /run/cut\nmkdir /run/cut\n"
        if at:
            script += f"printf %s '{manner}' >/run/cut/manner\nprintf %s '{at}' >/run/cut/at\n"
        self._insist(script)

    def calls(self) -> list[str]:
        """Return the calls that were noted."""
        return self._insist("cat /run/cut/calls").splitlines()

    def settle(self) -> None:
        """Wait until all is over that the program does by itself. Raises TimeoutError."""
        idle = "! systemctl list-units --no-legend 'homeportctl-*' | grep -v boot | grep -q ."
        wanted = f"{idle} && ! systemctl list-jobs --no-legend | grep -q . && ask {SOCKET}"
        first = f"{idle} && [ ! -e /srv/shop/current ]"
        deadline = time.monotonic() + PATIENCE
        while self.machine.run(f"({wanted}) >/dev/null || ({first})").returncode:
            if time.monotonic() > deadline:
                raise TimeoutError("the host program or a unit is still at work")
            time.sleep(0.5)

    def seen(self, folder: Path) -> Shop:
        """Return what lies on the machine's disk and runs there, as the model's host."""
        packed = base64.b64decode(self._insist(GATHERED))
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(folder, filter="fully_trusted")  # noqa: S202 - of our own machine
        shop = Shop(folder)
        read: Mapping[str, Mapping[str, str]] = json.loads(self._insist("python3 -", ASK))
        shop.systemd.runs |= {unit: Run(unit, 0.0, each) for unit, each in read.items()}
        return shop

    def _insist(self, script: str, stdin: str = "") -> str:
        done = self.machine.run(script, stdin)
        if done.returncode:
            raise RuntimeError(f"{script[:60]!r}: {done.stdout}{done.stderr}")
        return done.stdout
