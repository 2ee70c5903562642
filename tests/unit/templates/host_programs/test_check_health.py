"""The program that asks: run for real, against a real server, with a systemctl that only notes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeport.engine.host_programs import host_program
from tests.support import fake_http_server
from tests.support.fake_http_server import BAD, WELL, Server, says

UNIT = "shop-web.service"
SYSTEMCTL = """\
#!/bin/sh
case "$1" in
  show) cat "$0.state"; if [ -e "$0.next" ]; then mv "$0.next" "$0.state"; fi ;;
  *)
    echo "$*" >>"$0.calls"
    if [ -e "$0.kills" ]; then kill $PPID; fi
    if [ -e "$0.fails" ]; then echo no bus >&2; exit 1; fi ;;
esac
"""
HALF = '{"boot": "b1", "invocation": "i1", "restarts": []}'
RESTART = f"--no-block try-restart -- {UNIT}"


class Host:
    """A host with one process, of which everything may be changed."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        for name in ("shop/bin", "etc/shop", "bin", "lib/shop"):
            (folder / name).mkdir(parents=True)
        text = host_program("check-health").decode()
        for place, here in (
            ("/etc/homeport", "etc"),
            ("/run/homeport/health", "run"),
            ("/var/lib/homeport", "lib"),
            ("/proc/sys/kernel/random/boot_id", "boot"),
        ):
            assert f'"{place}' in text, place
            text = text.replace(f'"{place}', f'"{folder}/{here}')
        self.program = folder / "shop/bin/check-health"
        self.program.write_text(text)
        self.systemctl = folder / "bin/systemctl"
        self.systemctl.write_text(SYSTEMCTL)
        self.systemctl.chmod(0o755)
        self.question: dict[str, Any] = {
            "unit": UNIT,
            "url": f"http://127.0.0.1:{getattr(server, 'port', 0)}",
            "socket": None,
            "headers": {},
            "live": {"path": "/a/../live?b=[1]&c={2}", "status": 200, "expect_body": None},
            "ready": {"path": "/ready", "status": 200, "expect_body": '"ok": true'},
            "interval": 30,
            "timeout": 1,
            "failure_threshold": 2,
            "max_restarts_per_hour": 2,
            "start_period": 90,
        }
        self.questions, self.asks = folder / "etc/shop/health.yml", True
        self.boot("b1")
        self.runs("i1")

    def boot(self, name: str) -> None:
        (self.folder / "boot").write_text(f"{name}\n")

    def runs(self, invocation: str, active: str = "active", up: float = 1000) -> None:
        """Have systemctl say this of the unit from now on."""
        self._state(".state", invocation, active, up)

    def runs_then(self, invocation: str) -> None:
        """Have systemctl say this from the question after the next one on."""
        self._state(".next", invocation, "active", 0)

    def _state(self, suffix: str, invocation: str, active: str, up: float) -> None:
        since = int((time.monotonic() - up) * 1e6)
        Path(f"{self.systemctl}{suffix}").write_text(
            f"InvocationID={invocation}\nActiveState={active}\n"
            f"ActiveEnterTimestampMonotonic={since}\n"
        )

    def calls(self) -> list[str]:
        """What systemctl was told to do, since the last time."""
        path = Path(f"{self.systemctl}.calls")
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def check(self, what: str, name: str = "web", **env: str) -> subprocess.CompletedProcess[str]:
        if self.asks:
            self.questions.write_text(yaml.safe_dump({"processes": {"web": self.question}}))
        return subprocess.run(
            [sys.executable, "-I", str(self.program), what, name],
            env={"PATH": f"{self.folder}/bin:/usr/bin:/bin", **env},
            capture_output=True,
            text=True,
            timeout=30,
        )

    def watch(self) -> tuple[int, str]:
        done = self.check("watch")
        assert done.stderr == ""
        return done.returncode, done.stdout

    @property
    def memory(self) -> Path:
        return self.folder / "run" / UNIT


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def host(tmp_path: Path, server: Server) -> Host:
    return Host(tmp_path, server)


# live, ready


def test_check_health__a_good_answer_is_told_in_one_line(host: Host) -> None:
    for what in ("live", "ready"):
        done = host.check(what)
        path = host.question[what]["path"]
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{UNIT}: {path} answers as it should\n"
    assert host.calls() == []


def test_check_health__the_path_is_asked_for_as_it_is_written(host: Host) -> None:
    host.check("live")
    assert host.server.requests == ["GET /a/../live?b=[1]&c={2} HTTP/1.1"]


@pytest.mark.parametrize("kind", BAD)
def test_check_health__a_bad_answer_is_a_failure_whose_reason_is_told_in_one_line(
    host: Host, kind: str
) -> None:
    host.server.answer, reason = BAD[kind]
    done = host.check("ready")
    assert (done.returncode, done.stderr) == (3 if kind == "redirecting" else 1, "")
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith(f"{UNIT}: /ready ")
    assert reason in done.stdout
    assert [line.split()[1] for line in host.server.requests] == ["/ready"]


def test_check_health__a_redirect_is_not_followed_even_if_somebody_tells_curl_to(
    host: Host,
) -> None:
    host.server.answer = BAD["redirecting"][0]
    (host.folder / ".curlrc").write_text("location\nfail\n")
    proxy = f"http://127.0.0.1:{host.server.port}"
    done = host.check("ready", HOME=str(host.folder), http_proxy=proxy, ALL_PROXY=proxy)
    assert "answers 302, not 200" in done.stdout
    assert host.server.requests == ["GET /ready HTTP/1.1"]


def test_check_health__an_answer_has_the_time_that_is_described_and_no_more(host: Host) -> None:
    curl = host.folder / "bin/curl"
    curl.write_text('#!/bin/sh\necho "$*" >"$0.args"\nexec /usr/bin/curl "$@"\n')
    curl.chmod(0o755)
    host.question["timeout"] = 7
    assert host.check("ready").returncode == 0
    assert " --max-time 7 " in Path(f"{curl}.args").read_text()


def test_check_health__nobody_there_is_a_failure(host: Host) -> None:
    host.server.stop()
    done = host.check("live")
    assert done.returncode == 1
    assert "fails: Failed to connect" in done.stdout


def test_check_health__a_body_is_looked_for_in_the_bytes_whatever_they_are(host: Host) -> None:
    host.question["ready"]["expect_body"] = "grün"
    host.server.answer = says(b"\xff\x00\n\r\n" + "grün".encode() + b"\n\xfe")
    assert host.check("ready").returncode == 0
    host.server.answer = says("grün".encode("latin-1"))
    assert host.check("ready", PYTHONIOENCODING="ascii").returncode == 1


def test_check_health__an_answer_ends_with_its_status_whatever_its_body_says(host: Host) -> None:
    host.server.answer = says(b'"ok": true\n200', "503 Unavailable")
    assert "answers 503" in host.check("ready").stdout


def test_check_health__a_process_on_a_socket_is_asked_there(tmp_path: Path) -> None:
    with Server(tmp_path / "web.sock") as server:
        host = Host(tmp_path, server)
        host.question |= {"url": "http://localhost", "socket": str(tmp_path / "web.sock")}
        assert host.check("ready").returncode == 0
        server.answer = says(b"no")
        assert host.check("ready").returncode == 1


def test_check_health__what_is_not_asked_is_no_success(host: Host) -> None:
    host.question["ready"] = None
    for what, name in (("live", "worker"), ("ready", "web")):
        done = host.check(what, name)
        assert done.returncode == 2
        assert f"{name} can't be asked: " in done.stdout
        assert f"no question whether it is {what}" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["live"], ["die", "web"], ["live", "web", "x"]])
def test_check_health__a_call_that_is_not_understood_asks_nothing(
    host: Host, arguments: list[str]
) -> None:
    command = [sys.executable, "-I", str(host.program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr[:6]) == (1, "usage:")
    assert host.server.requests == []


# watch


def test_check_health__a_process_that_is_well_is_no_news_and_never_restarted(host: Host) -> None:
    for _ in range(3):
        assert host.watch() == (0, "")
    assert host.calls() == []
    assert len(host.server.requests) == 3


def test_check_health__a_process_is_restarted_after_so_many_bad_answers_in_a_row(
    host: Host,
) -> None:
    host.question["failure_threshold"] = 3
    assert host.watch() == (0, "")
    host.server.answer = says(b"", "500 Oops")
    for number in (1, 2):
        code, output = host.watch()
        assert (code, f"answers 500, not 200 ({number} of 3 in a row)" in output) == (0, True)
        assert host.calls() == []
    code, output = host.watch()
    assert (code, host.calls()) == (0, [RESTART])
    assert output.splitlines()[1:] == [f"{UNIT} is restarted (1 of 2 in an hour)"]


def test_check_health__a_good_answer_in_between_starts_the_count_anew(host: Host) -> None:
    for answer in (WELL, fake_http_server.hangs_up, WELL, fake_http_server.hangs_up, WELL):
        host.server.answer = answer
        assert host.watch()[0] == 0
    assert host.calls() == []


def test_check_health__another_start_of_the_process_starts_the_count_anew(host: Host) -> None:
    host.server.answer = says(b"", "500 Oops")
    host.watch()
    host.runs("i2")
    assert "(1 of 2 in a row)" in host.watch()[1]
    assert host.calls() == []
    assert "(2 of 2 in a row)" in host.watch()[1]
    assert host.calls() == [RESTART]


@pytest.mark.parametrize("state", ["inactive", "activating", "deactivating", "failed", "reloading"])
def test_check_health__a_process_that_does_not_run_is_none_of_its_business(
    host: Host, state: str
) -> None:
    host.server.stop()
    host.runs("i1", active=state)
    for _ in range(3):
        assert host.watch() == (0, "")
    assert host.calls() == host.server.requests == []
    assert not host.memory.exists()


def test_check_health__a_process_that_has_yet_to_answer_for_the_first_time_gets_its_time(
    host: Host,
) -> None:
    host.server.answer = says(b"", "500 Oops")
    host.runs("i1", up=80)
    for _ in range(3):
        assert host.watch() == (0, "")
    host.runs("i1", up=91)
    assert "(1 of 2 in a row)" in host.watch()[1]


def test_check_health__a_process_that_has_answered_gets_no_more_time(host: Host) -> None:
    host.runs("i1", up=10)
    host.watch()
    host.server.answer = says(b"", "500 Oops")
    assert "(1 of 2 in a row)" in host.watch()[1]


def test_check_health__a_process_that_was_started_anew_while_it_was_asked_is_not_blamed(
    host: Host,
) -> None:
    host.server.answer = says(b"", "500 Oops")
    host.watch()
    host.runs_then("i2")
    assert host.watch() == (0, "")
    assert host.calls() == []


@pytest.mark.parametrize("moved", ["live", "url"])
def test_check_health__a_process_is_not_blamed_for_a_question_that_came_after_its_start(
    host: Host, moved: str
) -> None:
    host.watch()
    before = host.question[moved]
    host.question[moved] = (
        {**before, "expect_body": "new"} if moved == "live" else "http://127.0.0.1:1"
    )
    code, output = host.watch()
    assert (code, "it was started before it was asked that, and is left\n" in output) == (1, True)
    for _ in range(3):
        assert host.watch() == (1, "")
    assert host.calls() == []
    host.runs("i2")  # the start that the question was meant for
    assert "(1 of 2 in a row)" in host.watch()[1]


def test_check_health__a_process_that_answers_a_new_question_is_held_to_it(host: Host) -> None:
    host.watch()
    host.question["live"] = {"path": "/new", "status": 200, "expect_body": "true"}
    host.watch()
    host.server.answer = says(b"", "500 Oops")
    assert "(1 of 2 in a row)" in host.watch()[1]
    host.watch()
    assert host.calls() == [RESTART]


def spent(host: Host) -> None:
    """Have the process restarted as often as it may be."""
    for start in ("i1", "i2"):
        host.runs(start)
        host.server.answer = WELL
        host.watch()
        host.server.answer = says(b"", "500 Oops")
        host.watch()
        host.watch()
        assert host.calls() == [RESTART]
    host.runs("i3")


def test_a_process_that_had_its_restarts_is_left_alone_which_is_said_once_and_stays_visible(
    host: Host,
) -> None:
    spent(host)
    assert host.watch()[0] == 0
    code, output = host.watch()
    assert code == 1
    assert output.splitlines()[1:] == [
        f"{UNIT} has had all restarts of this hour (2); it is left as it is"
    ]
    for _ in range(3):
        assert host.watch() == (1, "")
    assert host.calls() == []
    host.server.answer = WELL
    assert host.watch() == (0, f"{UNIT} is well again\n")
    assert host.watch() == (0, "")


def test_check_health__an_hour_later_a_process_may_be_restarted_again(host: Host) -> None:
    spent(host)
    host.watch()
    assert host.watch()[0] == 1
    memory = json.loads(host.memory.read_text())
    memory["restarts"] = [moment - 3601 for moment in memory["restarts"]]
    host.memory.write_text(json.dumps(memory))
    assert host.watch() == (0, f"{UNIT} is restarted (1 of 2 in an hour)\n")
    assert host.calls() == [RESTART]


def test_check_health__a_boot_forgets_everything_for_its_clock_begins_anew(host: Host) -> None:
    spent(host)
    host.watch()
    host.boot("b2")
    assert "(1 of 2 in a row)" in host.watch()[1]
    assert json.loads(host.memory.read_text())["restarts"] == []
    host.watch()
    assert host.calls() == [RESTART]


def test_check_health__a_process_without_any_restart_is_only_reported(host: Host) -> None:
    host.question["max_restarts_per_hour"] = 0
    host.server.answer = says(b"", "500 Oops")
    assert [host.watch()[0] for _ in range(3)] == [0, 1, 1]
    assert host.calls() == []


def test_check_health__what_it_says_is_out_before_the_restart_ends_it_too(host: Host) -> None:
    Path(f"{host.systemctl}.kills").touch()
    host.server.answer = says(b"", "500 Oops")
    host.watch()
    code, output = host.watch()
    assert (code, host.calls()) == (-signal.SIGTERM, [RESTART])
    assert output.splitlines()[1:] == [f"{UNIT} is restarted (1 of 2 in an hour)"]


def test_check_health__what_it_remembers_is_roots_alone_and_never_half_written(host: Host) -> None:
    host.watch()
    assert host.memory.stat().st_mode & 0o777 == 0o600
    assert host.memory.parent.stat().st_mode & 0o777 == 0o700
    assert list(host.memory.parent.iterdir()) == [host.memory]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"boot": "b1"}', HALF])
def test_check_health__a_memory_that_is_not_understood_is_as_good_as_none(
    host: Host, text: str
) -> None:
    host.memory.parent.mkdir()
    host.memory.write_text(text)
    host.server.answer = says(b"", "500 Oops")
    assert "(1 of 2 in a row)" in host.watch()[1]
    assert "(2 of 2 in a row)" in host.watch()[1]
    assert host.calls() == [RESTART]


# What says nothing about the process.


def test_check_health__what_is_asked_no_more_is_watched_no_more(host: Host) -> None:
    host.server.stop()
    assert host.check("watch", "gone").returncode == 0
    host.question["live"] = None
    for _ in range(3):
        assert host.watch() == (0, "")
    assert host.calls() == []


def unable(host: Host) -> str:
    """Watch for long enough; return what was said, if nothing was restarted and it was visible."""
    results = {host.watch() for _ in range(4)}
    assert {code for code, _ in results} == {2}
    assert host.calls() == []
    return "".join(text for _, text in results)


def test_check_health__a_host_without_curl_restarts_nothing(host: Host) -> None:
    (host.folder / "bin/curl").symlink_to("nowhere")
    for name in ("cat", "mv", "sh"):
        (host.folder / "bin" / name).symlink_to(f"/usr/bin/{name}")
    text = host.program.read_text()
    only = f'import os\nos.environ["PATH"] = "{host.folder}/bin"\n'
    host.program.write_text(text.replace("import os\n", only))
    assert "curl: No such file" in unable(host)


def test_check_health__a_curl_that_does_not_work_restarts_nothing(host: Host) -> None:
    for body in ("exit 2", "kill -9 $$", "exit 48"):
        (host.folder / "bin/curl").write_text(f"#!/bin/sh\n{body}\n")
        (host.folder / "bin/curl").chmod(0o755)
        unable(host)


@pytest.mark.parametrize("text", [None, "{", "a: b", "[1]", "", '"\\ud800', "&a [*a]"])
def test_check_health__questions_that_can_not_be_read_restart_nothing(
    host: Host, text: str | None
) -> None:
    host.asks = False
    if text is not None:
        host.questions.write_text(text)
    assert "health.yml can't be read" in unable(host)


def test_a_restart_that_systemd_refuses_is_visible_and_tried_again_within_the_budget(
    host: Host,
) -> None:
    Path(f"{host.systemctl}.fails").touch()
    host.server.answer = says(b"", "500 Oops")
    host.watch()
    for _ in range(2):
        code, output = host.watch()
        assert (code, "systemctl --no-block: no bus" in output) == (2, True)
        assert host.calls() == [RESTART]
    assert host.watch()[0] == 1
    assert host.calls() == []


# slots


@pytest.fixture
def slots(host: Host, tmp_path: Path) -> Iterator[dict[str, Server]]:
    """A process in two slots, each with a server of its own, of which a serves."""
    host.question |= {
        "unit": "shop-web@{slot}.service",
        "url": "http://localhost",
        "socket": f"{tmp_path}/web-{{slot}}.sock",
    }
    (tmp_path / "lib/shop/active").write_text("slot a\ngeneration g1\nrelease /srv/x y\n")
    with Server(tmp_path / "web-a.sock") as one, Server(tmp_path / "web-b.sock") as other:
        yield {"a": one, "b": other}


def test_check_health__the_slot_that_serves_is_asked_and_no_other(
    host: Host, slots: dict[str, Server]
) -> None:
    slots["b"].answer = says(b"", "500 Oops")
    done = host.check("ready")
    assert done.stdout == "shop-web@a.service: /ready answers as it should\n"
    (host.folder / "lib/shop/active").write_text("slot b\n")
    done = host.check("ready")
    assert (done.returncode, done.stdout) == (
        1, "shop-web@b.service: /ready answers 500, not 200\n",
    )  # fmt: skip


def test_check_health__a_deploy_asks_the_slot_that_does_not_serve_yet(
    host: Host, slots: dict[str, Server]
) -> None:
    slots["a"].stop()
    assert host.check("ready", HOMEPORT_SLOT="b").returncode == 0
    assert host.check("ready").returncode == 1
    assert [len(server.requests) for server in slots.values()] == [0, 1]


@pytest.mark.parametrize("active", [None, "slot -\n", "", "generation g1\n", "garbage"])
def test_check_health__without_a_slot_that_serves_nobody_can_be_asked_and_nothing_is_restarted(
    host: Host, slots: dict[str, Server], active: str | None
) -> None:
    path = host.folder / "lib/shop/active"
    path.unlink()
    if active is not None:
        path.write_text(active)
    done = host.check("ready")
    assert (done.returncode, done.stderr) == (2, "")
    assert "names no slot that serves" in done.stdout
    assert host.watch()[0] == 2
    assert host.calls() == []


def test_check_health__the_watch_restarts_the_slot_that_serves(
    host: Host, slots: dict[str, Server]
) -> None:
    host.watch()
    slots["a"].answer = says(b"", "500 Oops")
    assert [host.watch()[0] for _ in range(2)] == [0, 0]
    assert host.calls() == ["--no-block try-restart -- shop-web@a.service"]
    assert (host.folder / "run/shop-web@a.service").exists()


def test_check_health__the_watch_restarts_nothing_while_a_deploy_is_under_way(host: Host) -> None:
    host.watch()
    host.server.answer = says(b"", "500 Oops")
    journal = host.folder / "lib/shop/journal"
    journal.write_text('{"state": "armed"}\n')
    assert [host.watch() for _ in range(4)] == [(0, "")] * 4
    assert host.calls() == []
    journal.unlink()
    for _ in range(2):
        host.watch()
    assert host.calls() == [RESTART]


# what waiting doesn't change


def test_check_health__a_request_looks_as_if_it_came_by_the_proxy(host: Host) -> None:
    host.question["headers"] = {"Host": "shop.example", "X-Forwarded-Proto": "https"}
    curl = host.folder / "bin/curl"
    curl.write_text('#!/bin/sh\necho "$*" >"$0.args"\nexec /usr/bin/curl "$@"\n')
    curl.chmod(0o755)
    assert host.check("ready").returncode == 0
    sent = Path(f"{curl}.args").read_text()
    assert " -H Host: shop.example -H X-Forwarded-Proto: https " in sent


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        ("400 Bad Request", "allow the host name shop.example .*ALLOWED_HOSTS.*health.host"),
        ("301 Moved", "X-Forwarded-Proto, which says https .*SECURE_PROXY_SSL_HEADER"),
    ],
)
def test_check_health__what_waiting_does_not_change_has_its_exit_code_and_its_fix(
    host: Host, status: str, fix: str
) -> None:
    host.question["headers"] = {"Host": "shop.example", "X-Forwarded-Proto": "https"}
    host.server.answer = says(b"", status)
    done = host.check("ready")
    assert (done.returncode, len(done.stdout.splitlines())) == (3, 1)
    assert f"answers {status[:3]}, not 200" in done.stdout
    assert re.search(f"Fix: .*{fix}", done.stdout), done.stdout
