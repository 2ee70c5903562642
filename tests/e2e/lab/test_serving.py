"""A deploy is well only if it serves people, whatever stands between; else a finding names why."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import lab
from tests.e2e.lab.project import Deploy, Project

HOST = "staging"
APP = """\
name: shop
source: code
python: "3.11"
processes:
  web:
    command: python web.py {{{listen}}}
    listen: {where}
    health: {health}
    tasks: {tasks}
release: {{soak: {soak}, drain_timeout: {drain}}}
{proxy}
"""
HEALTH = "{ready: /ready, live: /live, interval: 1, timeout: 2, start_period: 30}"
WEB = '''\
"""A server that is as particular about its requests as frameworks are."""

import os
import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES, SECURE = os.environ.get("NAMES", "").split(), os.environ.get("SECURE")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name, _, _ = self.headers["Host"].partition(":")
        if NAMES and name not in NAMES:
            self.say(400, "Bad Request (400)")
        elif SECURE and self.headers["X-Forwarded-Proto"] != "https":
            self.say(301, "", {"Location": f"https://{name}{self.path}"})
        else:
            self.say(200, sys.argv[0])

    def say(self, status, text, headers={}):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def address_string(self):
        return "-"


class OnSocket(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


if __name__ == "__main__":
    where = sys.argv[1]
    if needed := os.environ.get("NEEDS"):
        socket.create_connection(("127.0.0.1", int(needed)), 2).close()
    if crash := os.environ.get("CRASH"):
        threading.Timer(float(crash), os._exit, [1]).start()
    if where.isdigit():
        ThreadingHTTPServer(("", int(where)), Handler).serve_forever()
    else:
        OnSocket(where, Handler).serve_forever()
'''


def ran(script: str) -> str:
    """Return what a script prints that must succeed as root."""
    done = lab.run(HOST, script, root=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


class Shop:
    """An application of one file, in a copy of the project; each time its release is another."""

    def __init__(self, project: Project) -> None:
        self.project, self.tasks = project, 9
        self.folder = project.folder / "shop"
        (self.folder / "code").mkdir(parents=True)
        (self.folder / "code/web.py").write_text(WEB)
        self.options = ("--limit", HOST, "--data", "app_file=shop/app.yml")

    def deploy(
        self, proxy: str = "{process: web, port: 8080}", listen: str = "socket", **more: str
    ) -> Deploy:
        self.tasks += 1
        kind, soak = "socket" if listen == "socket" else "port", more.pop("soak", "1")
        drain, health = more.pop("drain", "1"), more.pop("health", HEALTH)
        whole = f"proxy: {proxy}" if listen == "socket" else ""
        text = APP.format(
            listen=kind,
            where=listen,
            health=health,
            tasks=self.tasks,
            soak=soak,
            drain=drain,
            proxy=whole,
        )
        (self.folder / "app.yml").write_text(f"{text}environment: {json.dumps(more)}\n")
        return self.project.deploy(*self.options)

    def refused(self, *words: str, **options: str) -> Deploy:
        """Insist that a deploy fails, says these words, and is not confirmed."""
        began = time.monotonic()
        done = self.deploy(**options)
        assert done.code != 0
        assert time.monotonic() - began < 60, "it was waited for in vain"
        for word in words:
            assert word in done.output, done.output
        last = json.loads(ran("homeportctl history shop 1 --json"))
        assert last["outcome"] == "reverted"
        return done

    def prove(self) -> str:
        """Run the specs of what people reach; return what they said, nothing if all is well."""
        done = self.project.prove(*self.options, "-k", "people")
        return "" if done.returncode == 0 else done.stdout


def page(port: int = 8080) -> str:
    """Return the status with which the host answers."""
    return ran(f"curl -s -o /dev/null -w '%{{http_code}}' -H 'Host: x' 127.0.0.1:{port}/ || :")


@pytest.fixture(scope="module")
def shop(hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Return an application that is served, on a host that is new afterwards."""
    lab.reset(HOST)
    made = Shop(Project(tmp_path_factory.mktemp("shop")))
    done = made.deploy()
    assert done.code == 0, done.output
    assert made.prove() == ""
    yield made
    lab.reset(HOST)


@contextmanager
def unit(name: str, command: str) -> Iterator[None]:
    """Have a program run on the host."""
    ran(f"systemd-run -q --unit={name} {command}; sleep 1")
    try:
        yield
    finally:
        ran(f"systemctl stop {name}; systemctl reset-failed {name} || :")


def test_serving__a_proxy_that_dies_during_a_deploy_keeps_it_from_being_confirmed(
    shop: Shop,
) -> None:
    dying = (
        "/bin/sh -c 'until grep -q switched /var/lib/homeport/shop/journal; do sleep 0.1; done;"
        " systemctl stop nginx; systemctl mask --runtime -q nginx'"
    )
    with unit("dying", f"--collect {dying}"):
        done = shop.refused("nothing answers on port 8080: nginx.service is", soak="6")
    assert "reverted, but people are not served: " in done.output
    last = json.loads(ran("homeportctl history shop 1 --json"))
    assert "nginx.service is" in last["reason"]
    assert "nginx.service is" in last["unserved"]
    assert "nothing answers on port 8080" in ran("homeportctl served shop || :")
    assert "the proxy does not reach its start" in shop.prove()
    ran("systemctl unmask --runtime -q nginx; systemctl start nginx")
    assert page() == "200"
    assert shop.prove() == ""


def test_serving__a_proxy_that_may_not_open_the_socket_is_named_before_anything_is_switched(
    shop: Shop,
) -> None:
    before = ran("readlink /run/homeport-proxy/shop/web/active")
    idle = f"/run/homeport-proxy/shop/web/{'b' if before == 'a' else 'a'}"
    with unit("closing", f"/bin/sh -c 'while :; do chmod 700 {idle}; sleep 0.02; done'"):
        shop.refused("nginx can't reach shop-web@", "Permission denied. Fix: ")
    assert ran("readlink /run/homeport-proxy/shop/web/active") == before
    assert page() == "200"


def test_serving__an_nginx_that_runs_other_files_is_a_finding_of_the_watch_and_of_the_specs(
    shop: Shop,
) -> None:
    site = "/etc/nginx/conf.d/homeport-shop.conf"
    other = "s/X-Homeport-Proxy [0-9a-f]* always/X-Homeport-Proxy x/"
    ran(f"cp {site} /root/kept; sed -i '{other}' {site}")
    ran(f"nginx -t -q; systemctl reload nginx; sleep 1; mv /root/kept {site}")
    assert "nginx.service runs configuration x" in ran("homeportctl served shop || :")
    ran("systemctl start shop-web-health.service || :")
    assert ran("systemctl is-failed shop-web-health.service") == "failed"
    ran("systemctl reload nginx; sleep 1; systemctl start shop-web-health.service")


FOLDER = "/run/homeport-proxy/shop/web/$(readlink /run/homeport-proxy/shop/web/active)"
SERVING = "shop-web@$(readlink /run/homeport-proxy/shop/web/active)"
TOKEN = f"$(systemctl show -p InvocationID --value {SERVING} | cut -c1-16)"
STRANGER = "systemd-run -q --unit=stranger python3 -m http.server 8080"
KEEP_AWAY = {
    "nothing answers on port 8080: nginx.service is inactive": ("systemctl stop nginx", ":"),
    "stranger.service) listens there, not nginx.service": (
        f"systemctl stop nginx; {STRANGER}",
        "systemctl stop stranger",
    ),
    "Permission denied. Fix: give the folder to the group www-data": (
        f"chmod 700 {FOLDER}",
        f"chmod 710 {FOLDER}",
    ),
    "is not there": (
        f"mv {FOLDER}/{TOKEN} {FOLDER}/0123456789abcdef",
        f"mv {FOLDER}/0123456789abcdef {FOLDER}/{TOKEN}",
    ),
}
"""What the watch says of each, what does it, and what undoes it."""


def watched(words: str) -> bool:
    """Return whether the watch, and the status of the host, come to say these words."""
    journal = "journalctl -q -o cat -b -n 20 -u shop-web-health"
    end = time.monotonic() + 20
    while time.monotonic() < end:
        status = ran("homeportctl status shop")
        if words in status and words in ran(journal) and "shop-web-health" in status:
            return True
        time.sleep(0.3)
    return False


def test_serving__the_watch_names_what_keeps_people_away_and_restarts_nothing_that_is_well(
    shop: Shop,
) -> None:
    # Nothing asks whether it lives: it is watched for what people reach.
    done = shop.deploy(health="{ready: /ready, interval: 1, timeout: 2}")
    assert done.code == 0, done.output
    start = ran(f"echo {TOKEN}")
    for words, (fault, undo) in KEEP_AWAY.items():
        ran(fault)
        assert watched(words), f"{words}: {ran('homeportctl status shop')}"
        ran(f"{undo}; systemctl start nginx")
        end = time.monotonic() + 20
        while "shop-web-health" in (status := ran("homeportctl status shop")):
            assert time.monotonic() < end, status
            time.sleep(0.3)
        assert "people don't reach" not in status
        assert page() == "200"
    assert ran(f"echo {TOKEN}") == start
    assert shop.prove() == ""


NAMED = "{process: web, port: 8080, server_names: [shop.example]}"


def test_serving__what_waiting_does_not_change_is_told_at_once_with_the_setting(
    shop: Shop,
) -> None:
    shop.refused("answers 400, not 200", "ALLOWED_HOSTS", proxy=NAMED, NAMES="pins.example")
    shop.refused("answers 301, not 200", "SECURE_PROXY_SSL_HEADER", proxy=NAMED, SECURE="1")
    assert page() == "200"
    # The name that people use is the one that checks use.
    done = shop.deploy(proxy=NAMED, NAMES="shop.example")
    assert done.code == 0, done.output
    assert shop.prove() == ""


def test_serving__a_stranger_on_the_port_of_a_process_is_named_and_never_taken_for_it(
    shop: Shop,
) -> None:
    with unit("squatter", "python3 -m http.server 8765"):
        shop.refused("port 8765 is taken", "squatter.service", listen="8765")
    shop.refused("may not listen on port 81, below 1024", listen="81")
    done = shop.deploy(listen="8765")
    assert done.code == 0, done.output
    assert page(8765) == "200"
    assert shop.prove() == ""
    ran("systemctl start shop-web-health.service")
    ran("systemctl stop shop-web")
    with unit("squatter", "python3 -m http.server 8765"):
        assert "port 8765 is not its own: python3 of squatter.service" in shop.prove()
    ran("systemctl start shop-web")


def test_serving__a_link_in_the_sockets_place_is_followed_by_nobody(shop: Shop) -> None:
    done = shop.deploy()
    assert done.code == 0, done.output
    slot = ran("readlink /run/homeport-proxy/shop/web/active")
    own = f"/run/shop-web-{slot}/web.sock"
    with unit("other", "python3 /srv/shop/current/web.py /run/other.sock"):
        ran(f"chmod 666 /run/other.sock; rm {own}; ln -s /run/other.sock {own}")
        assert page() == "200"
        assert ran("/srv/shop/bin/check-health ready web").endswith("answers as it should")
        assert ran("journalctl -q -o cat -u other | grep -c GET || :") == "0"


LATE = """\
[Service]
ExecStart=/bin/sh -c "until [ -e /root/go ]; do sleep 1; done; exec python3 -m http.server 5432"
[Install]
WantedBy=multi-user.target
"""


def test_serving__what_needs_something_that_comes_late_after_a_boot_is_up_again_by_itself(
    shop: Shop,
) -> None:
    with unit("soon", "python3 -m http.server 5432"):
        done = shop.deploy(NEEDS="5432")
        assert done.code == 0, done.output
    # A program that can't work yet fails a deploy fast, all the same.
    shop.refused("did not st", "Connection refused", NEEDS="5433")
    ran(f"cat >/etc/systemd/system/late.service <<'END'\n{LATE}END\nsystemctl enable -q late")
    lab.reboot(HOST)
    assert page() == "502"
    assert "shop-web@" in ran("homeportctl status shop | grep journalctl")
    restarts = "systemctl show -p NRestarts --value 'shop-web@*' | sort -n | tail -1"
    end = time.monotonic() + 120
    # As often as once ended all tries.
    while int(ran(restarts)) <= 10:
        assert time.monotonic() < end, ran("systemctl status 'shop-web@*' || :")
        time.sleep(1)
    ran("touch /root/go")
    while page() != "200":
        assert time.monotonic() < end, ran("systemctl status 'shop-web@*' || :")
        time.sleep(1)
    assert shop.prove() == ""


def test_serving__a_port_that_nginx_will_want_and_another_has_is_refused_in_the_plan(
    shop: Shop,
) -> None:
    assert shop.deploy().code == 0
    ran("systemctl stop nginx")
    with unit("pihole", "python3 -m http.server 80"):
        done = shop.deploy()
        assert done.code != 0
        assert "port 80 is taken: python3 (pid " in done.output
        assert "pihole.service) listens there, and nginx can't start while Debian's" in done.output
        # The fix that it names.
        ran("rm /etc/nginx/sites-enabled/default")
        done = shop.deploy()
        assert done.code == 0, done.output
    with unit("pihole", "python3 -m http.server 8090"):
        done = shop.deploy("{process: web, port: 8090}")
        assert done.code != 0
        assert "port 8090 is taken" in done.output
        assert "or give the proxy another port (proxy.port)" in done.output
    assert page() == "200"


def test_serving__a_release_that_keeps_crashing_after_its_soak_has_its_predecessor_answer(
    shop: Shop,
) -> None:
    assert shop.deploy().code == 0
    done = shop.deploy(CRASH="4", drain="6")
    assert done.code == 0, done.output
    seen = set()
    end = time.monotonic() + 15
    while time.monotonic() < end:
        seen.add(page())
        time.sleep(0.1)
    assert seen == {"200"}
    assert "stands by for it" in ran("journalctl -q -o cat -u homeportctl-cleanup-shop -n 5")
    done = shop.deploy()
    assert done.code == 0, done.output
