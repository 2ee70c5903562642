"""nginx runs in a sandbox, and sites of others answer as they did; or it has none, by name."""

from __future__ import annotations

import pytest

from tests.e2e.lab.bare import eventually
from tests.e2e.lab.project import Project
from tests.e2e.lab.test_proxy import DROP_IN, HOST, Served, ask, host, root

__all__ = ["host"]

pytestmark = pytest.mark.long

REASON = "/var/lib/homeport/_host/nginx-unhardened"
# Each with something of its own: a root in a home, a key of certbot's, a cache and a place for
# bodies, an application on a socket, one on a port, logs of its own.
THEIRS = """\
apt-get -qq update && apt-get -qq install -y nginx openssl python3 curl >/dev/null
useradd -m ann; install -d -o ann -m 755 /home/ann /home/ann/www /etc/letsencrypt/live/a
echo home >/home/ann/www/index.html
cd /etc/letsencrypt/live/a
openssl req -x509 -newkey rsa:2048 -nodes -keyout privkey.pem -out fullchain.pem -days 9 \\
  -subj /CN=a.example 2>/dev/null
chmod 600 privkey.pem
install -d -o www-data /var/cache/nginx/theirs /var/lib/nginx/theirs
cat >/root/app.py <<'END'
import http.server, socketserver, sys
class Unix(socketserver.UnixStreamServer):
    def get_request(self):
        return (super().get_request()[0], ["", 0])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(sys.argv[1].encode())
where = sys.argv[1]
kind = Unix if where.startswith("/") else http.server.HTTPServer
kind(where if where.startswith("/") else ("127.0.0.1", int(where)), Handler).serve_forever()
END
rm -f /tmp/app.sock
systemd-run -q --unit=app-a python3 /root/app.py /tmp/app.sock
systemd-run -q --unit=app-b python3 /root/app.py 9000
sleep 1; chmod 777 /tmp/app.sock
cat >/etc/nginx/conf.d/theirs.conf <<'END'
proxy_cache_path /var/cache/nginx/theirs keys_zone=theirs:1m;
server { listen 81; root /home/ann/www; access_log /var/log/nginx/ann.log; }
server { listen 444 ssl; server_name a.example;
  ssl_certificate /etc/letsencrypt/live/a/fullchain.pem;
  ssl_certificate_key /etc/letsencrypt/live/a/privkey.pem; return 200 tls; }
server { listen 82; proxy_temp_path /var/lib/nginx/theirs;
  location / { proxy_cache theirs; proxy_pass http://unix:/tmp/app.sock; } }
server { listen 83; location / { proxy_pass http://127.0.0.1:9000; } }
server { listen unix:/run/theirs.sock; return 200 socket; }
END
nginx -t -q && systemctl restart nginx
"""
ASK = """\
for port in 81 82 83; do curl -s -w ' %{http_code}\\n' http://127.0.0.1:$port/; done
curl -s -k -w ' %{http_code}\\n' --connect-to ::127.0.0.1: https://a.example:444/
[ ! -e /run/theirs.sock ] || curl -s -w ' %{http_code}\\n' --unix-socket /run/theirs.sock http://x/
"""


def hardened() -> bool:
    """Return whether the process that runs may gain no privileges."""
    status = "/proc/$(cat /run/nginx.pid)/status"
    return root(f"grep NoNewPrivs {status}").split()[1] == "1"


def test_sites_of_others_answer_in_the_sandbox_and_nginx_comes_back_when_it_dies(
    project: Project, host: None
) -> None:
    root(THEIRS)
    before = root(ASK)
    assert before.count(" 200\n") == 5, before
    shop = Served(project, "shop", "port: 80")
    done = shop.converge()
    assert "nginx restarts once now: requests are cut" in done.output
    assert hardened()
    assert root(ASK) == before
    exposure = root("systemd-analyze security --no-pager nginx.service | tail -n 1")
    assert float(exposure.partition("nginx.service: ")[2].split()[0]) <= 3.0, exposure
    assert shop.converge().changed == {}

    # nginx never takes over a socket that a killed one has left, so none of them listens on one.
    root("sed -i /theirs.sock/d /etc/nginx/conf.d/theirs.conf; systemctl reload nginx")
    root("rm -f /run/theirs.sock")
    before = root(ASK)
    killed = root("cat /run/nginx.pid")
    root("kill -KILL $(cat /run/nginx.pid)")
    back = f'[ "$(cat /run/nginx.pid)" != {killed.strip()} ] && curl -fs http://127.0.0.1:81/'
    assert eventually(HOST, back, 20)
    assert ask().status == 200
    assert root(ASK) == before
    # Logs are rotated, and a configuration is read, from within.
    root("mv /var/log/nginx/ann.log /var/log/nginx/ann.log.1; kill -USR1 $(cat /run/nginx.pid)")
    assert eventually(HOST, f"{ASK} >/dev/null; test -s /var/log/nginx/ann.log", 10)
    root("systemctl reload nginx")
    assert root(ASK) == before


def test_a_site_that_needs_what_the_sandbox_closes_leaves_nginx_without_one(
    project: Project, host: None
) -> None:
    root(f"rm -f {DROP_IN}; systemctl daemon-reload; systemctl restart nginx")
    root("sed -i 's|/var/log/nginx/ann.log|/home/ann/ann.log|' /etc/nginx/conf.d/theirs.conf")
    root("systemctl restart nginx")
    before, pid = root(ASK), root("cat /run/nginx.pid")
    shop = Served(project, "shop", "port: 80")
    done = shop.converge()
    assert "nginx has no sandbox: another site has 'access_log /home/ann/ann.log'" in done.output
    assert root(f"ls {DROP_IN} {REASON} 2>&1 | grep -c 'No such'") == "2\n"
    assert (root(ASK), root("cat /run/nginx.pid")) == (before, pid)

    # What can't be read from its configuration: the site answers otherwise, and has its way back.
    root("sed -i 's|/home/ann/ann.log|/var/log/nginx/ann.log|' /etc/nginx/conf.d/theirs.conf")
    root("systemctl reload nginx")
    project.edit(
        "operations/proxy/sandbox.py",
        "NoNewPrivileges=yes\n",
        "NoNewPrivileges=yes\nInaccessiblePaths=/home/ann/www\n",
    )
    before = root(ASK)
    shop.converge()
    assert root(ASK) == before
    assert not hardened()
    again = project.dry(*shop.options)
    assert "nginx has no sandbox: http://homeport.invalid:81/ (127.0.0.1:81) answered 200" in (
        again.output
    )
    assert root(f"rm {REASON}; ls {DROP_IN} 2>&1 | grep -c 'No such'") == "1\n"
