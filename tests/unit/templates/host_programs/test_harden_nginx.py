"""Sites of others answer as before, or nginx has no sandbox and a file says why."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from homeport.engine.host_programs import host_program

TEXT = "[Unit]\n[Service]\nRestart=on-failure\nNoNewPrivileges=yes\n"
CONFIG = """\
# configuration file /etc/nginx/nginx.conf:
events { worker_connections 10; }
http {
  log_format x '{ "a": "$b"; }';
  upstream u { server 127.0.0.1:9; }
  # server { listen 1; }
  server {
    listen 80; listen [::]:80;
    server_name a.example *.b.example "~^x{2}$";
    location / { if ($a) { return 403; } server_tokens off; }
  }
  server { listen 10.0.0.1:444 ssl; server_name _; }
  server { listen unix:/run/a.sock; }
  server { listen 81 proxy_protocol default_server; }
  server { listen 443 quic; }
  server { }
}
stream { server { listen 5353 udp; } }
# configuration file /etc/nginx/conf.d/more.conf:
server { listen 85; server_name more.example; }
"""


class Host:
    """A host with nginx: which codes its sites answer, inside the sandbox and outside."""

    def __init__(self, folder: Path) -> None:
        self.drop_in = folder / "drop-in.d/homeport.conf"
        self.reason = folder / "state/reason"
        self.outside: dict[str, int] = {}
        self.inside: dict[str, int] = {}
        self.running, self.trial, self.restarts = True, "", 0
        self._runs = False

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.CompletedProcess(words, 0, "", "")
        match words:
            case ("systemctl", "is-active", *_):
                done.returncode = 0 if self.running else 3
            case ("systemctl", "restart", *_):
                self.restarts += 1
                self._runs = self.drop_in.exists() and "[Service]" in self.drop_in.read_text()
            case ("systemd-run", *_):
                done.returncode, done.stderr = (1, self.trial) if self.trial else (0, "")
            case ("nginx", "-T"):
                done.stdout = CONFIG
            case ("curl", *_):
                codes = self.inside if self._runs else self.outside
                done.stdout = str(codes.get(words[-1], 200))
        return done


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def program(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, on a host that is played."""
    (tmp_path / "harden_nginx.py").write_bytes(host_program("harden-nginx"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "harden_nginx", raising=False)
    module = importlib.import_module("harden_nginx")
    monkeypatch.setattr(module, "run", host.run)
    monkeypatch.setattr(module, "DROP_IN", str(host.drop_in))
    monkeypatch.setattr(module, "REASON", str(host.reason))
    monkeypatch.setattr(module, "SECONDS", 0)
    return module


def test_every_site_is_asked_where_it_listens(program: ModuleType) -> None:
    invalid = "homeport.invalid"
    names = ("a.example", "homeport.b.example", invalid)
    assert list(program.sites()) == [
        *((f"http://{name}:80/", "127.0.0.1:80", ()) for name in names),
        *((f"http://{name}:80/", "[::1]:80", ()) for name in names),
        (f"https://{invalid}:444/", "10.0.0.1:444", ()),
        (f"http://{invalid}/", "/run/a.sock", ()),
        (f"http://{invalid}:81/", "127.0.0.1:81", ("--haproxy-protocol",)),
        ("http://more.example:85/", "127.0.0.1:85", ()),
    ]


def test_nginx_gets_its_sandbox_and_restarts_once(program: ModuleType, host: Host) -> None:
    # What did not answer before need not answer then, and an answer may be another good one.
    host.outside = {"http://homeport.invalid:81/": 0, "http://a.example:80/": 200}
    host.inside = {"http://homeport.invalid:81/": 0, "http://a.example:80/": 302}
    host.reason.parent.mkdir()
    host.reason.write_text("an old one")
    assert program.main(TEXT) == 0
    assert host.drop_in.read_text() == TEXT
    assert host.restarts == 1
    assert not host.reason.exists()


@pytest.mark.parametrize("code", [0, 403, 404, 502])
def test_a_site_that_answers_otherwise_has_the_sandbox_taken_away(
    program: ModuleType, host: Host, code: int
) -> None:
    host.inside = {"https://homeport.invalid:444/": code}
    assert program.main(TEXT) == 0
    assert not host.drop_in.exists()
    assert host.restarts == 2
    answered = f"answered 200 before, and {code or 'nothing'} then"
    assert f"https://homeport.invalid:444/ (10.0.0.1:444) {answered}" in host.reason.read_text()


def test_one_that_was_there_comes_back(program: ModuleType, host: Host) -> None:
    host.drop_in.parent.mkdir()
    host.drop_in.write_text("# theirs")
    host.inside = {"http://a.example:80/": 500}
    assert program.main(TEXT) == 0
    assert host.drop_in.read_text() == "# theirs"


def test_what_nginx_refuses_inside_is_never_put(program: ModuleType, host: Host) -> None:
    host.trial = 'nginx: [warn] x\nnginx: [emerg] open() "/home/a" failed (30: Read-only\x1b)\n'
    assert program.main(TEXT) == 0
    assert not host.drop_in.exists()
    assert host.restarts == 0
    reason = host.reason.read_text()
    assert reason.startswith("in its sandbox nginx says: nginx: [emerg] open()")
    assert "\x1b" not in reason


def test_nginx_that_does_not_run_is_not_started(program: ModuleType, host: Host) -> None:
    host.running = False
    assert program.main(TEXT) == 0
    assert host.drop_in.read_text() == TEXT
    assert host.restarts == 0


def test_a_host_that_is_no_better_without_it_says_so(
    program: ModuleType,
    host: Host,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host.inside = {"http://a.example:80/": 502}
    played = host.run

    def broken(*words: str) -> subprocess.CompletedProcess[str]:
        if host.restarts:
            host.outside = host.inside
        return played(*words)

    monkeypatch.setattr(program, "run", broken)
    assert program.main(TEXT) == 1
    assert "without its sandbox, too, http://a.example:80/" in capsys.readouterr().err


def test_an_error_of_its_own_leaves_nginx_as_it_was(
    program: ModuleType, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(before: object) -> str:
        raise RuntimeError("no more processes")

    monkeypatch.setattr(program, "differs", broken)
    assert program.guarded(TEXT) == 0
    assert not host.drop_in.exists()
    assert host.restarts == 2
    assert host.reason.read_text() == "RuntimeError: no more processes\n"
