"""A session ends whose key may log in no more; every other one goes on."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.operations.bootstrap import ssh_sessions
from homeport.operations.bootstrap.ssh_sessions import KeyLogins, Session
from tests.support.fake_programs import Programs
from tests.support.real_delivery import run_command
from tests.support.real_shell import run

LOGINS = DesiredState("_host", (KeyLogins("deploy", ("SHA256:mine", "SHA256:spare")),))


def accepted(pid: int, key: str, user: str = "deploy", kind: str = "ED25519") -> str:
    """Return an entry of the journal, as the probe prints it."""
    message = f"Accepted publickey for {user} from 10.0.0.9 port 4 ssh2: {kind} {key}"
    return f"accepted\t{json.dumps({'_PID': str(pid), 'MESSAGE': message, '__CURSOR': 'x'})}"


def found(*lines: str) -> tuple[Session, ...]:
    return ssh_sessions.parse(ProbeOutput("\n".join(lines), ""))


def test_a_session_whose_key_may_log_in_no_more_is_ended() -> None:
    sessions = found("process\t7\t70", accepted(7, "SHA256:stolen"))
    (end,) = ssh_sessions.diff(LOGINS, sessions)
    assert (end.action, end.target.name) == ("remove", "deploy from 10.0.0.9, process 7")
    assert end.reason == "the key that opened it may log in no more: SHA256:stolen"


@pytest.mark.parametrize(
    "lines",
    [
        ["process\t7\t70", accepted(7, "SHA256:spare")],
        # Another account's keys aren't ours to judge, nor what an authority vouches for.
        ["process\t7\t70", accepted(7, "SHA256:hers", user="ann")],
        ["process\t7\t70", accepted(7, "SHA256:other", kind="ED25519-CERT")],
        # One that is over; the number was another process's; the session of this very run.
        [accepted(7, "SHA256:stolen")],
        ["process\t7\t70", accepted(7, "SHA256:stolen"), accepted(7, "SHA256:mine")],
        ["process\t7\t70", "own\t7", accepted(7, "SHA256:stolen")],
        [],
    ],
)
def test_every_other_session_goes_on(lines: list[str]) -> None:
    assert ssh_sessions.diff(LOGINS, found(*lines)) == []


def opened(port: int, key: str, user: str = "deploy", kind: str = "ED25519") -> str:
    """Return an entry of the journal for a session that may be over, as the probe prints it."""
    message = f"Accepted publickey for {user} from 10.0.0.9 port {port} ssh2: {kind} {key}"
    return f"opened\t{json.dumps({'_PID': '3', 'MESSAGE': message})}"


def test_what_a_session_has_left_behind_is_ended_if_its_key_may_log_in_no_more() -> None:
    sessions = found("left\t8\t1 80 10.0.0.9 41000", opened(41000, "SHA256:stolen"))
    (end,) = ssh_sessions.diff(LOGINS, sessions)
    assert (end.action, end.target.name) == ("remove", "deploy from 10.0.0.9, process 8")
    assert end.payload.start == 80


@pytest.mark.parametrize(
    "lines",
    [
        # Another key's, another address, another port, another session of the same port since then.
        ["left\t8\t1 80 10.0.0.9 41000", opened(41000, "SHA256:spare")],
        ["left\t8\t1 80 10.0.0.8 41000", opened(41000, "SHA256:stolen")],
        ["left\t8\t1 80 10.0.0.9 41001", opened(41000, "SHA256:stolen")],
        ["left\t8\t1 80 10.0.0.9 4", opened(4, "SHA256:stolen"), opened(4, "SHA256:mine")],
        ["left\t8\t1 80 10.0.0.9 4", opened(4, "SHA256:x", kind="ED25519-CERT")],
        ["left\t8\t1 80 10.0.0.9 4"],
        # What is ours, and what ends with its session or with its parent.
        ["own\t8", "left\t8\t1 80 10.0.0.9 4", opened(4, "SHA256:stolen")],
        ["process\t7\t70", "left\t8\t7 80 10.0.0.9 4", opened(4, "SHA256:stolen")],
    ],
)
def test_what_every_other_session_has_left_goes_on(lines: list[str]) -> None:
    assert ssh_sessions.diff(LOGINS, found(*lines)) == []


def test_what_was_left_behind_is_found_by_its_environment(programs: Programs, log: Path) -> None:
    line = opened(41000, "SHA256:stolen").partition("\t")[2]
    path = programs(journalctl=f"cat <<'END'\n{line}\nEND")
    connection = {"SSH_CONNECTION": "10.0.0.9 41000 10.0.0.1 22", "X": "a\nSSH_CONNECTION=1 2 3"}
    words = ["sh", "-c", "(setsid sleep 60 >/dev/null 2>&1 & echo $!)"]
    started = subprocess.run(words, env=connection, capture_output=True, text=True, check=True)
    pid = int(started.stdout)
    try:
        done = run(f"set -eu\n{ssh_sessions.probe(LOGINS, '')}", path=path)
        assert (done.returncode, done.stderr) == (0, b"")
        lines = done.stdout.decode().splitlines()
        (session,) = [each for each in found(*lines) if each.pid == pid]
        assert (session.user, session.key, session.start) == (
            "deploy", "SHA256:stolen", start_of(pid),
        )  # fmt: skip
        call = next(line for line in log.read_text().splitlines() if "port (" in line)
        assert "41000" in call
        assert "_COMM=sshd + _UID=0 _COMM=sshd-session" in call
        assert end(pid, session.start).returncode == 0
        state = Path(f"/proc/{pid}/stat")
        assert not state.exists() or state.read_text().rpartition(") ")[2][0] == "Z"
    finally:
        subprocess.run(["kill", "-KILL", str(pid)], capture_output=True)


@pytest.mark.parametrize(
    "line",
    [
        "left\t8",
        "left\t8\t1 80 10.0.0.9",
        "left\tx\t1 80 a 4",
        "rubbish",
        "accepted\trubbish",
        "process\tx\ty",
        "process",
        "accepted\t[]",
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(line: str) -> None:
    with pytest.raises(ProbeError):
        found(line)


def test_the_journal_is_asked_of_sshd_and_of_root_alone(programs: Programs, log: Path) -> None:
    line = accepted(1, "SHA256:mine").partition("\t")[2]
    path = programs(journalctl=f"cat <<'END'\n{line}\nEND")
    copy = Path(path.partition(":")[0]) / "sshd"
    copy.write_bytes(Path("/bin/sleep").read_bytes())
    copy.chmod(0o755)
    with subprocess.Popen([copy, "30"]) as daemon:
        time.sleep(0.1)
        done = run(f"set -eu\n{ssh_sessions.probe(LOGINS, '')}", path=path)
        daemon.kill()
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"process\t{daemon.pid}\t" in done.stdout.decode()
    assert f"own\t{os.getpid()}\n" in done.stdout.decode()
    (call,) = [line for line in log.read_text().splitlines() if "_PID=" in line]
    assert "_UID=0 " in call
    assert f"_PID={daemon.pid}" in call
    assert found(*done.stdout.decode().splitlines()) == ()


def test_a_journal_that_does_not_answer_fails_the_look(programs: Programs) -> None:
    path = programs(journalctl="exit 2")
    copy = Path(path.partition(":")[0]) / "sshd"
    copy.write_bytes(Path("/bin/sleep").read_bytes())
    copy.chmod(0o755)
    with subprocess.Popen([copy, "30"]) as daemon:
        time.sleep(0.1)
        done = run(f"set -eu\n{ssh_sessions.probe(LOGINS, '')}", path=path)
        daemon.kill()
    assert done.returncode != 0


def start_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def end(pid: int, start: int) -> subprocess.CompletedProcess[str]:
    session = Session(pid, start, "deploy", "10.0.0.9", "SHA256:stolen")
    changes = ssh_sessions.diff(LOGINS, (session,))
    (command,) = ssh_sessions.apply(LOGINS, (session,), changes)
    assert isinstance(command, StringCommand)
    return run_command(command)


def test_a_session_ends_with_all_that_it_has_started() -> None:
    words = ["sh", "-c", "sleep 60 & (setsid sleep 60 & echo $!; wait) & wait"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as session:
        assert session.stdout is not None
        inner = int(session.stdout.readline())
        start = start_of(session.pid)
        # Another process of that number, later, is left alone.
        assert end(session.pid, start + 1).returncode == 0
        assert session.poll() is None
        # A dead process is there until its parent has waited for it.
        with subprocess.Popen(["sh", "-c", "sleep 0.5"]):
            done = end_and_wait(session, start)
        assert done == 0
        assert not Path(f"/proc/{inner}/cmdline").exists() or not (
            Path(f"/proc/{inner}/cmdline").read_bytes()
        )


def end_and_wait(session: subprocess.Popen[str], start: int) -> int:
    """End a session, and wait for it meanwhile, as sshd does."""
    from threading import Thread

    waiting = Thread(target=session.wait)
    waiting.start()
    done = end(session.pid, start)
    waiting.join(5)
    return done.returncode
