"""nginx gets its sandbox unless a site of others would be worse for it; then the plan says why."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand

from homeport.engine.kind import ProbeOutput, SnapshotContext
from homeport.operations.proxy import probe as probing
from homeport.operations.proxy import sandbox
from homeport.operations.proxy.sandbox import SandboxState
from tests.support.fake_programs import Programs
from tests.support.real_shell import is_shell, run

DIGEST = hashlib.sha256(sandbox.TEXT.encode()).hexdigest()


def test_a_host_without_the_drop_in_gets_it_and_the_plan_says_that_nginx_restarts() -> None:
    (new,) = sandbox.diff(SandboxState())
    assert (new.action, new.target.name) == ("add", sandbox.NGINX_DROP_IN)
    assert "nginx restarts once now: requests are cut" in new.reason
    (other,) = sandbox.diff(SandboxState("another"))
    assert other.action == "change"
    assert "nginx restarts once now: requests are cut" in other.reason
    assert sandbox.notes(SandboxState()) == []


def test_a_host_that_has_it_is_left_alone_whatever_was_before() -> None:
    found = SandboxState(DIGEST, (), "a site answered otherwise")
    assert list(sandbox.diff(found)) == []
    assert sandbox.notes(found) == []


def test_what_hinders_it_stands_in_the_plan_and_nothing_is_changed() -> None:
    hindered = SandboxState("", ("access_log /home/ann/log",))
    assert list(sandbox.diff(hindered)) == []
    (note,) = sandbox.notes(hindered)
    assert note == "nginx has no sandbox: another site has 'access_log /home/ann/log'"
    undone = SandboxState("", (), "http://a:80/ answered 200 before")
    assert list(sandbox.diff(undone)) == []
    (note,) = sandbox.notes(undone)
    assert note.startswith("nginx has no sandbox: http://a:80/ answered 200 before (to try again: ")


@pytest.mark.parametrize(
    ("line", "hinders"),
    [
        ("access_log /home/ann/access.log;", True),
        ('  error_log  "/usr/local/log/e.log" warn;', True),
        ("proxy_cache_path /etc/cache levels=1;", True),
        ("client_body_temp_path /root/x;", True),
        ("location /up { dav_methods PUT; }", True),
        ("server { proxy_store on; }", True),
        ("proxy_bind $remote_addr transparent;", True),
        ("passenger_root /usr/lib/ruby;", True),
        ("access_log /var/log/nginx/a.log;", False),
        ("access_log off;", False),
        ("proxy_cache_path /var/cache/nginx/a keys_zone=a:1m;", False),
        ("root /home/ann/www;", False),
        ("ssl_certificate /etc/letsencrypt/live/a/fullchain.pem;", False),
        ("proxy_pass http://unix:/run/a.sock;", False),
        ("dav_methods off;", False),
        ("# access_log /home/ann/access.log;", False),
        ("proxy_bind 10.0.0.1;", False),
    ],
)
def test_what_other_sites_use_that_it_closes_is_found(
    programs: Programs, tmp_path: Path, line: str, hinders: bool
) -> None:
    path = programs(nginx=f"cat <<'END'\n# configuration file /etc/nginx/nginx.conf:\n{line}\nEND")
    script = sandbox.probe().replace("/etc/systemd", f"{tmp_path}/etc/systemd")
    is_shell(script)
    done = run(f"set -eu\n{script}", path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "sandbox\t"
    assert bool(lines[1:]) is hinders
    if hinders:
        assert "\t " not in lines[1]


def test_a_host_that_has_it_is_asked_nothing_more(
    programs: Programs, tmp_path: Path, log: Path
) -> None:
    drop_in = tmp_path / sandbox.NGINX_DROP_IN[1:]
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text(sandbox.TEXT)
    script = sandbox.probe().replace("/etc/systemd", f"{tmp_path}/etc/systemd")
    done = run(f"set -eu\n{script}", path=programs(nginx=""))
    assert done.stdout.decode() == f"sandbox\t{DIGEST}\n"
    assert log.read_text() == ""
    found = probing.parse(ProbeOutput(done.stdout.decode(), "key"))
    assert found.sandbox == SandboxState(DIGEST)


def test_the_reason_is_read_without_control_characters(programs: Programs, tmp_path: Path) -> None:
    reason = tmp_path / sandbox.NGINX_UNHARDENED[1:]
    reason.parent.mkdir(parents=True)
    reason.write_text("http://a:80/ answered 200\x1b[2J before\n")
    script = sandbox.probe().replace("/etc/systemd", f"{tmp_path}/etc/systemd")
    script = script.replace("/var/lib/homeport", f"{tmp_path}/var/lib/homeport")
    done = run(f"set -eu\n{script}", path=programs(nginx=""))
    found = probing.parse(ProbeOutput(done.stdout.decode(), "key"))
    assert found.sandbox.reason == "http://a:80/ answered 200[2J before"


OWN, OTHER = "/etc/nginx/conf.d/homeport-shop.conf", "/etc/nginx/conf.d/homeport-blog.conf"


def test_it_leaves_with_the_last_site_and_stays_for_any_other() -> None:
    (gone,) = sandbox.leaving(SandboxState("there", sites=(OWN,)), [OWN])
    assert (gone.action, gone.target.name) == ("remove", sandbox.NGINX_DROP_IN)
    assert "nginx is without it from its next start on" in gone.reason
    # A deploy that was cut off has removed the site, and nothing else.
    assert len(list(sandbox.leaving(SandboxState("there"), []))) == 1
    assert list(sandbox.leaving(SandboxState("there", sites=(OWN, OTHER)), [OWN])) == []
    assert list(sandbox.leaving(SandboxState(), [OWN])) == []


def below(tmp_path: Path, script: str) -> str:
    for folder in ("/etc/systemd", "/etc/nginx", "/var/lib/homeport"):
        script = script.replace(folder, f"{tmp_path}{folder}")
    return script


def test_who_still_needs_it_is_asked_where_it_is(tmp_path: Path) -> None:
    script = below(tmp_path, sandbox.probe_leaving())
    is_shell(script)
    assert run(f"set -eu\n{script}").stdout == b""
    drop_in, site = tmp_path / sandbox.NGINX_DROP_IN[1:], tmp_path / OTHER[1:]
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("")
    found = probing.parse(ProbeOutput(run(f"set -eu\n{script}").stdout.decode(), "key"))
    assert found.sandbox == SandboxState("there")
    site.parent.mkdir(parents=True)
    for name in ("homeport-blog.conf", "homeport-blog.conf.dpkg-old", "theirs.conf"):
        site.with_name(name).write_text("")
    found = probing.parse(ProbeOutput(run(f"set -eu\n{script}").stdout.decode(), "key"))
    assert found.sandbox.sites == (str(site),)


@pytest.mark.parametrize("theirs", [False, True])
def test_what_takes_it_away_leaves_what_is_not_its_own(
    programs: Programs, tmp_path: Path, log: Path, theirs: bool
) -> None:
    drop_in, reason = (
        tmp_path / path[1:] for path in (sandbox.NGINX_DROP_IN, sandbox.NGINX_UNHARDENED)
    )
    other = drop_in.with_name("zz-theirs.conf")
    for file in (drop_in, reason, *([other] if theirs else [])):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    command = sandbox.remove("shop", SnapshotContext())
    done = run(below(tmp_path, command.get_raw_value()), path=programs(systemctl=""))
    assert (done.returncode, done.stderr) == (0, b"")
    assert log.read_text().split()[-1] == "daemon-reload"
    assert (drop_in.exists(), reason.exists(), drop_in.parent.exists()) == (False, False, theirs)
    assert other.exists() is theirs


def test_what_takes_it_away_keeps_it_for_a_revert_first() -> None:
    script = sandbox.remove("shop", SnapshotContext(deploy="d1")).get_raw_value()
    snapshot = script.index(f"homeportctl snapshot shop d1 {sandbox.NGINX_DROP_IN}")
    assert snapshot < script.index("rm -f")


def test_the_command_is_one_that_a_shell_reads() -> None:
    command = sandbox.put()
    assert isinstance(command, StringCommand)
    is_shell(command.get_raw_value())
