"""nginx stands before the application: as described, proven, shared, and put right."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

import lab
from tests.e2e.lab.bare import address
from tests.e2e.lab.project import ROOT, Deploy, Project

pytestmark = pytest.mark.long

HOST = "staging"
SITE = "/etc/nginx/conf.d/homeport-shop.conf"
UNIT = "nginx.service"
DROP_IN = "/etc/systemd/system/nginx.service.d/homeport.conf"
APP = """\
name: {name}
source: code
python: "3.11"
processes:
  web:
    command: python served.py {{socket}} {name}
    listen: socket
    health: {{live: /health/live, ready: /health/ready}}
release: {{soak: 1, drain_timeout: 1}}
proxy:
  process: web
  {proxy}
"""


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def echoed(self) -> Any:
        return json.loads(self.body)


def ask(
    path: str = "/",
    host: str = "any.example",
    port: int = 80,
    trust: Path | None = None,
    method: str = "GET",
    body: bytes = b"",
    **headers: str,
) -> Reply:
    """Ask the host from outside; with ``trust`` by HTTPS, and only a certificate of that CA."""
    connection = HTTPConnection(address(HOST), port, timeout=20)
    if trust is not None:
        context = ssl.create_default_context(cafile=str(trust))
        raw = socket.create_connection((address(HOST), port), 20)
        connection.sock = context.wrap_socket(raw, server_hostname=host)
    try:
        sent = {"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, body or None, sent)
        found = connection.getresponse()
        received = {name.lower(): value for name, value in found.getheaders()}
        return Reply(found.status, received, found.read().decode(errors="replace"))
    finally:
        connection.close()


class Served:
    """An application with a proxy, in a copy of the project."""

    def __init__(self, project: Project, name: str, proxy: str) -> None:
        self.project, self.name, self.folder = project, name, project.folder / name
        (self.folder / "code").mkdir(parents=True)
        shutil.copy(ROOT / "tests/e2e/lab/served.py", self.folder / "code/served.py")
        self.options = ("--limit", HOST, "--data", f"app_file={name}/app.yml")
        self.say(proxy)

    def say(self, proxy: str) -> None:
        (self.folder / "app.yml").write_text(APP.format(name=self.name, proxy=proxy))

    def deploy(self) -> Deploy:
        return self.project.deploy(*self.options)

    def converge(self) -> Deploy:
        return self.project.converge(*self.options)

    def without(self) -> None:
        """Take the proxy away."""
        text = (self.folder / "app.yml").read_text()
        (self.folder / "app.yml").write_text(text.partition("proxy:")[0])


@pytest.fixture(scope="module")
def host(hosts: None) -> Iterator[None]:
    """Have a host that is new, and is again when others want it."""
    lab.reset(HOST)
    yield
    lab.reset(HOST)


@pytest.fixture
def shop(project: Project, host: None) -> Served:
    """Return an application that answers to any name on port 80."""
    served = Served(project, "shop", "port: 80")
    served.converge()
    return served


def root(script: str) -> str:
    done = lab.run(HOST, f"set -e\n{script}", root=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_requests_pass_and_say_who_asks_whatever_the_client_claims(shop: Served) -> None:
    found = ask("/a/b?c=%20d", X_Forwarded_For="1.2.3.4", Forwarded="for=1.2.3.4", Proxy="x")
    assert (found.status, found.echoed["path"]) == (200, "/a/b?c=%20d")
    received = {name.lower(): value for name, value in found.echoed["told"].items()}
    assert received["host"] == received["x-forwarded-host"] == "any.example"
    assert "1.2.3.4" not in str(received)
    assert "proxy" not in received
    assert received["x-forwarded-proto"] == "http"
    assert found.headers["server"] == "nginx"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert ask("/own-headers").headers["x-frame-options"] == "DENY"

    # Debian's own site is where it was, and is not what answers.
    assert (
        root("readlink /etc/nginx/sites-enabled/default") == "/etc/nginx/sites-available/default\n"
    )
    assert root("curl -s http://127.0.0.1/").startswith('{"path": "/"')
    again = shop.project.converge(*shop.options, "--debug")
    assert again.changed == {}
    assert again.output.count(f"Running command on {HOST}:") == 1


def test_a_release_is_switched_without_a_word_to_nginx(shop: Served) -> None:
    before = workers()
    code = shop.folder / "code/served.py"
    code.write_text(code.read_text().replace('{"path": self.path', '{"new": 1, "path": self.path'))
    shop.converge()
    assert ask().echoed["new"] == 1
    assert workers() == before


def workers() -> str:
    return root("pgrep -x nginx | sort")


def test_a_front_that_changed_with_a_release_that_fails_goes_back_with_it(shop: Served) -> None:
    before = root(f"sha256sum {SITE}")
    code = shop.folder / "code/served.py"
    good = code.read_text()
    code.write_text(good.replace("    main()\n", "    sys.exit('no, thank you')\n"))
    shop.say("port: 8082")
    done = shop.deploy()
    assert done.code != 0
    assert "no, thank you" in done.output
    assert root(f"sha256sum {SITE}") == before
    assert ask().status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(port=8082)
    code.write_text(good)
    shop.say("port: 80")
    assert shop.converge().changed == {}


def test_what_is_for_the_host_is_not_for_others_and_the_specs_prove_it(shop: Served) -> None:
    for path in ("/health/live", "//health/live", "/health/%6cive?x=1", "/.homeport/proxy"):
        assert ask(path).status == 404, path
    assert root("curl -s http://127.0.0.1/health/live").startswith('{"path": "/health/live"')
    app = f"--data=app_file={shop.name}/app.yml"
    proof = shop.project.prove(f"--limit={HOST}", app)
    assert proof.returncode == 0, proof.stdout

    shop.say("expose_health_paths: true")
    shop.converge()
    assert ask("/health/live").status == 200
    shop.say("port: 80")
    proof = shop.project.prove(f"--limit={HOST}", app)
    assert "/health/live answers 200 to others" in proof.stdout
    assert "its content is not what is described" in proof.stdout


def test_bodies_and_websockets_pass(shop: Served) -> None:
    body = bytes(range(256)) * 4000
    found = ask("/", method="POST", body=body)
    assert found.echoed["length"] == len(body)
    assert ask("/", method="POST", body=body * 2).status == 413

    with socket.create_connection((address(HOST), 80), 20) as connection:
        connection.sendall(
            b"GET /ws HTTP/1.1\r\nHost: any.example\r\nUpgrade: websocket\r\n"
            b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        stream = connection.makefile("rb")
        assert stream.readline().startswith(b"HTTP/1.1 101 ")
        while (line := stream.readline()) != b"\r\n":
            assert line
        for data in (b"\x81\x02hi", b"\x00\xff\r\n"):
            connection.sendall(data)
            assert stream.read(len(data)) == data


def test_what_may_not_be_repeated_is_sent_once_and_the_rest_is_tried_again(shop: Served) -> None:
    # Both links lead to the one slot there is: a second try comes to the same place.
    root("cd /run/homeport-proxy/shop/web && ln -sfn $(readlink active) backup")
    assert ask("/die", method="POST", body=b"pay").status == 502
    assert ask("/deaths").echoed["deaths"] == 1
    assert ask("/die").status == 502
    assert ask("/deaths").echoed["deaths"] == 3


def test_a_page_is_shown_when_nothing_answers_and_when_somebody_says_so(shop: Served) -> None:
    root("touch /srv/shop/maintenance")
    down = ask("/", method="POST", body=b"x")
    assert (down.status, "Back in a moment" in down.body) == (503, True)
    assert down.headers["retry-after"]
    assert down.headers["cache-control"] == "no-store"
    assert root("curl -s http://127.0.0.1/health/ready").startswith('{"path"')
    root("rm /srv/shop/maintenance")
    assert ask().status == 200
    assert shop.converge().changed == {}

    root("systemctl stop 'shop-web@*.service'")
    down = ask()
    assert (down.status, "Back in a moment" in down.body) == (502, True)
    assert ask("/.homeport/unavailable").status == 404
    shop.converge()
    assert ask().status == 200


EDITS = {
    "a site that somebody edited": (f"sed -i 's/timeout 60s/timeout 1s/' {SITE}", {SITE, UNIT}),
    "a site that nginx runs no longer": (
        f"cp {SITE} /root/kept; sed -i 's/Homeport-Proxy .*/Homeport-Proxy x;/' {SITE};"
        f"systemctl reload nginx; sleep 1; cp /root/kept {SITE}",
        {UNIT},
    ),
    "a site that is gone": (f"rm {SITE}; systemctl restart nginx", {SITE, UNIT}),
    "nginx that is stopped": ("systemctl stop nginx", {UNIT}),
    "nginx that does not start at boot": ("systemctl disable --quiet nginx", {UNIT}),
    "the ledger": ("rm /var/lib/homeport/shop/proxy", {"/var/lib/homeport/shop/proxy"}),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_somebody_changed_by_hand_is_put_right_and_nothing_else(
    shop: Served, edit: str
) -> None:
    script, targets = EDITS[edit]
    root(script)
    done = shop.converge()
    assert {target for _, _, target in done.plan(HOST)} == targets
    assert ask().status == 200
    assert root("systemctl is-active nginx; systemctl is-enabled nginx") == "active\nenabled\n"
    assert shop.converge().changed == {}


def test_what_nginx_does_not_understand_is_refused_in_its_words_and_the_old_one_answers(
    shop: Served,
) -> None:
    before = root(f"sha256sum {SITE}; systemctl show -p MainPID nginx")
    shop.project.edit("templates/nginx/site.conf.j2", "server_tokens off", "server_tokenz off")
    done = shop.deploy()
    assert done.code != 0
    assert 'unknown directive "server_tokenz" in /etc/nginx/conf.d/homeport-shop' in done.output
    assert "Traceback" not in done.output
    assert root(f"sha256sum {SITE}; systemctl show -p MainPID nginx") == before
    assert ask().status == 200
    assert root("ls -A /etc/nginx/conf.d /run/homeport-nginx") == (
        "/etc/nginx/conf.d:\nhomeport-shop.conf\n\n/run/homeport-nginx:\n"
    )


SQUATTER = """\
import os, socket, time
while not os.path.exists("/etc/nginx/conf.d/.homeport-stage"):
    time.sleep(0.005)
taking = socket.socket()
taking.bind(("", 8081))
taking.listen()
time.sleep(600)
"""


def test_what_nginx_can_not_run_is_taken_back_and_the_old_one_answers(shop: Served) -> None:
    before = root(f"sha256sum {SITE}")
    root(f"cat >/root/squatter.py <<'END'\n{SQUATTER}END")
    # It takes the port when nothing looks any more: who has it before is found by the probe.
    root("systemd-run -q --unit=squatter python3 /root/squatter.py")
    try:
        shop.say("port: 8081")
        done = shop.deploy()
    finally:
        root("systemctl stop squatter")
    assert done.code != 0
    assert "bind() to 0.0.0.0:8081 failed (98: Address already in use)" in done.output
    assert root(f"sha256sum {SITE}") == before
    assert ask().status == 200
    shop.say("port: 80")
    shop.converge()
    assert shop.converge().changed == {}


def test_applications_share_one_nginx_and_one_that_leaves_disturbs_no_other(shop: Served) -> None:
    store = Served(shop.project, "store", "server_names: [store.example, '*.store.example']")
    store.converge()
    for name, app in (("store.example", "store"), ("x.store.example", "store"), ("y", "shop")):
        assert ask(host=name).echoed["app"] == app
    assert shop.converge().changed == store.converge().changed == {}

    shop.say("server_names: [store.example]")
    done = shop.deploy()
    assert done.code != 0
    assert "homeport-store.conf, of another application, answers to store.example on" in done.output

    root(
        "printf 'server { listen 80; server_name theirs.example; return 204; }\\n'"
        " > /etc/nginx/conf.d/theirs.conf; systemctl reload nginx"
    )
    shop.say("server_names: [theirs.example]")
    done = shop.deploy()
    assert done.code != 0
    assert 'conflicting server name "theirs.example"' in done.output
    assert ask(host="theirs.example").status == 204
    root("rm /etc/nginx/conf.d/theirs.conf; systemctl reload nginx")

    store.without()
    store.converge()
    assert "homeport-store" not in root("ls /etc/nginx/conf.d")
    shop.say("port: 80")
    shop.converge()
    assert ask(host="store.example").echoed["app"] == "shop"
    assert root("systemctl show -p DropInPaths --value nginx") == f"{DROP_IN}\n"


def test_the_sandbox_of_nginx_leaves_with_the_last_site_and_comes_back_if_that_is_undone(
    shop: Served,
) -> None:
    paths = f"systemctl show -p DropInPaths --value nginx; ls {DROP_IN.rpartition('/')[0]} || :"
    before, pid = root(paths), root("cat /run/nginx.pid")
    assert before == f"{DROP_IN}\nhomeport.conf\n"
    shop.without()
    assert ("proxy", "-", DROP_IN) in shop.project.dry(*shop.options).plan(HOST)
    # A deploy that fails after that leaves nginx as it was.
    code = shop.folder / "code/served.py"
    text = code.read_text()
    code.write_text("if __name__ == '__main__':\n    raise SystemExit('never')\n")
    assert shop.deploy().code != 0
    assert root(paths) == before
    assert ask().status == 200

    code.write_text(text)
    done = shop.converge()
    assert "no application here has a site; nginx is without it from its next start on" in (
        done.output
    )
    assert root(paths) == "\n"
    # Sites of others notice nothing.
    assert root("cat /run/nginx.pid") == pid
    assert shop.converge().changed == {}


def make_certificate(folder: Path, name: str) -> Path:
    """Put a certificate for a name on the host; returns the authority's own."""
    script = f"""\
    set -e
    new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl req -x509 $new -keyout ca.key -out ca.pem -days 9 -subj /CN=tests
    openssl req $new -keyout own.key -out own.csr -subj /CN=x
    printf 'subjectAltName=DNS:{name}\\n' > names
    openssl x509 -req -in own.csr -CA ca.pem -CAkey ca.key -days 9 -extfile names -out own.pem
    """
    folder.mkdir(exist_ok=True)
    subprocess.run(["sh", "-c", script], cwd=folder, check=True, capture_output=True)
    for file, mode in (("own.pem", "644"), ("own.key", "600")):
        into = f"install -m {mode} /dev/stdin /etc/ssl/{file}"
        text = (folder / file).read_text()
        lab.run(HOST, into, root=True, stdin=text).check_returncode()
    return folder / "ca.pem"


def test_https_is_spoken_with_a_certificate_on_the_host(shop: Served, tmp_path: Path) -> None:
    secure = (
        "server_names: [shop.example]\n"
        "  tls: {certificate: /etc/ssl/own.pem, key: /etc/ssl/own.key}\n"
    )
    shop.say(secure)
    done = shop.deploy()
    assert done.code != 0
    assert "there is no /etc/ssl/own.pem and no /etc/ssl/own.key on the host" in done.output

    trust = make_certificate(tmp_path / "one", "shop.example")
    root("openssl genpkey -algorithm ed25519 -out /etc/ssl/own.key; chmod 600 /etc/ssl/own.key")
    done = shop.deploy()
    assert done.code != 0
    assert "/etc/ssl/own.key is not the key of /etc/ssl/own.pem" in done.output
    assert ask().status == 200

    trust = make_certificate(tmp_path / "two", "shop.example")
    shop.converge()
    found = ask(host="shop.example", port=443, trust=trust)
    assert found.echoed["told"]["X-Forwarded-Proto"] == "https"
    assert found.headers["strict-transport-security"].startswith("max-age=")
    led = ask("/a?b", host="shop.example")
    assert (led.status, led.headers["location"]) == (308, "https://shop.example/a?b")
    assert shop.converge().changed == {}

    newer = make_certificate(tmp_path / "three", "shop.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(host="shop.example", port=443, trust=newer)
    assert shop.converge().plan(HOST) == [("proxy", "~", UNIT)]
    assert ask(host="shop.example", port=443, trust=newer).status == 200

    shop.say("port: 80")
    shop.converge()
    assert root("ls /etc/nginx/conf.d") == "homeport-shop.conf\n"
    with pytest.raises(OSError):
        ask(host="shop.example", port=443, trust=newer)


AUTHORITY = """\
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -y install --no-install-recommends pebble >/dev/null 2>&1
mkdir -p /root/pebble; cd /root/pebble
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
  -keyout key.pem -out cert.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
cp cert.pem /usr/local/share/ca-certificates/pebble.crt
update-ca-certificates >/dev/null 2>&1
cat > config.json <<'JSON'
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
  "certificate": "cert.pem", "privateKey": "key.pem", "httpPort": 80, "tlsPort": 443}}
JSON
echo '127.0.0.1 shop.example' >> /etc/hosts
systemd-run -q --unit=pebble --working-directory=/root/pebble --setenv=PEBBLE_VA_NOSLEEP=1 \
  --setenv=PEBBLE_WFE_NONCEREJECT=0 pebble -config config.json
for try in $(seq 50); do curl -sf https://localhost:14000/dir >/dev/null && exit; sleep 0.2; done
exit 1
"""


def test_a_certificate_is_got_from_an_authority_renewed_and_let_go(
    shop: Served, tmp_path: Path
) -> None:
    root(AUTHORITY)
    trust = tmp_path / "ca.pem"
    trust.write_text(root("curl -s https://localhost:15000/roots/0"))
    shop.say(
        "server_names: [shop.example]\n"
        "  tls: {acme: {email: me@shop.example, directory_url: 'https://localhost:14000/dir'}}\n"
    )
    done = shop.converge()
    live = "/etc/letsencrypt/live/homeport-shop/fullchain.pem"
    assert ("proxy", "+", live) in done.plan(HOST)
    assert ask(host="shop.example", port=443, trust=trust).status == 200
    assert shop.converge().changed == {}
    proof = shop.project.prove(f"--limit={HOST}", f"--data=app_file={shop.name}/app.yml")
    assert proof.returncode == 0, proof.stdout

    # What the timer does, as soon as it is due: nginx shows the new one, and nothing is left to do.
    before = root(f"sha256sum {live}")
    root("certbot renew --force-renewal --no-random-sleep-on-renew >/dev/null 2>&1")
    assert root(f"sha256sum {live}") != before
    assert shop.converge().changed == {}

    shop.say("port: 80")
    shop.converge()
    assert root("ls /etc/letsencrypt/renewal") == "homeport-shop.conf.set-aside\n"
    assert shop.converge().changed == {}
