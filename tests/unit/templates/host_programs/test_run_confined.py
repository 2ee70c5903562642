"""What templates.host_programs.run_confined promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from homeport.files.env_file import render
from homeport.hostctl.masking import SHORTEST
from tests.support.fake_programs import Programs, log, programs
from tests.support.fake_systemd_run import SYSTEMD_RUN
from tests.support.host_shells import HOST, LIBRARY

__all__ = ["log", "programs"]

FAILURE = "/etc/shop.conf is not accepted by its check"


def line(*command: str, shown: bool = False, seconds: int = 60) -> list[str]:
    program = [sys.executable, "-I", "-S", f"{HOST}/run-confined", *(["-s"] if shown else [])]
    return [
        *program,
        LIBRARY,
        "check-shop",
        FAILURE,
        str(seconds),
        "--property=User=shop",
        *command,
    ]


@pytest.fixture
def path(programs: Programs) -> str:
    return programs(systemd_run=SYSTEMD_RUN, systemctl="exit 0")


def judge(
    path: str, *command: str, secrets: bytes = b"", shown: bool = False, seconds: int = 60
) -> subprocess.CompletedProcess[str]:
    """Run it as a check is run."""
    return subprocess.run(
        line(*command, shown=shown, seconds=seconds),
        input=secrets.decode(),
        capture_output=True,
        text=True,
        env={"PATH": path},
    )


def test_run_confined__what_runs_is_a_unit_with_a_limit_and_all_of_it_ends(
    path: str, log: Path
) -> None:
    assert judge(path, "true").returncode == 0
    (call,) = log.read_text().splitlines()
    words = call.split()
    assert words[0] == "systemd-run"
    assert words[-2:] == ["--property=User=shop", "true"]
    assert {"--wait", "--pipe", "--collect", "--service-type=exec"} <= set(words)
    ends = ("KillMode=control-group", "KillSignal=SIGKILL", "RuntimeMaxSec=60")
    assert {f"--property={each}" for each in ends} <= set(words)
    (unit,) = (word for word in words if word.startswith("--unit=check-shop-"))
    assert f"--property=RuntimeDirectory={unit.removeprefix('--unit=')}" in words


def test_run_confined__a_command_that_succeeds_says_nothing_unless_it_is_to_be_shown(
    path: str,
) -> None:
    done = judge(path, "sh", "-c", "echo fine; echo really >&2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = judge(path, "sh", "-c", "echo fine", shown=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")


def test_run_confined__a_command_that_fails_is_told_by_its_last_lines(path: str) -> None:
    done = judge(path, "sh", "-c", "seq 30; echo wrong >&2; exit 3")
    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    assert first.startswith(f"{FAILURE}, so nothing was switched (exit code 3 after ")
    assert [line.strip() for line in rest] == [*map(str, range(12, 31)), "wrong"]


def test_run_confined__a_command_that_is_ended_by_its_limit_is_told_so(path: str) -> None:
    done = judge(path, "sh", "-c", "sleep 0.3; exit 1", seconds=0)
    assert "nothing was switched (it did not end within 0 s)" in done.stderr


def test_run_confined__output_without_an_end_is_no_burden_and_harmless(path: str) -> None:
    done = judge(path, "sh", "-c", r"head -c 50000000 /dev/zero; printf '\n\033[2Jx\n'; exit 1")
    assert len(done.stderr) < 200_000
    assert done.stderr.endswith("\n  \\x1b[2Jx\n")


def test_run_confined__a_command_reads_nothing_of_what_the_deploy_sends(path: str) -> None:
    assert judge(path, "sh", "-c", "! read line", secrets=b'A="1"\n').returncode == 0


SECRET = 'hunter22 "and" \\more/ünd+\'$'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        repr(SECRET),
        json.dumps(SECRET),
        quote(SECRET, safe=""),
        SECRET.upper(),
        SECRET[4:16],
        b64encode(b"ann:" + SECRET.encode()).decode(),
    ],
)
def test_run_confined__what_a_command_says_is_told_without_a_secret_in_any_form(
    path: str, form: str
) -> None:
    words = ("sh", "-c", 'printf "it is %s|" "$1"; exit 1', "x", form)
    secrets = {"SHORTER": "hunter22", "TOKEN": SECRET, "NONE": ""}
    (_, shown) = judge(path, *words, secrets=render(secrets)).stderr.splitlines()
    assert "(TOKEN)" in shown or "(SHORTER)" in shown
    assert shown.startswith("  it is ")
    parts = {form[at : at + SHORTEST] for at in range(len(form[4:-5]) - SHORTEST)}
    assert not [part for part in parts if part in shown]


@pytest.mark.parametrize("secret", ["y", "seven77"])
def test_run_confined__nothing_is_told_that_could_hold_a_secret_too_short_to_be_found(
    path: str, secret: str
) -> None:
    secrets = render({"PIN": secret, "TOKEN": SECRET})
    (line,) = judge(path, "sh", "-c", "echo only; exit 1", secrets=secrets).stderr.splitlines()
    assert line.startswith(f"{FAILURE}, so nothing was switched (exit code 1 after ")
    assert line.endswith(" Its output could hold PIN, too short to be masked")


def test_run_confined__what_holds_no_secret_is_told(path: str) -> None:
    assert judge(path, "sh", "-c", "echo seen; exit 1").stderr.splitlines()[1] == "  seen"


@pytest.mark.parametrize("how", ["signal", "connection"])
def test_run_confined__the_unit_ends_with_the_connection_and_with_a_signal(
    how: str, path: str, log: Path
) -> None:
    reader, writer = os.pipe()
    running = subprocess.Popen(
        line("sleep", "30"),
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.DEVNULL,
        env={"PATH": path},
    )
    os.close(writer)
    try:
        while "systemd-run" not in log.read_text():
            time.sleep(0.05)
        if how == "signal":
            running.send_signal(signal.SIGTERM)
        else:
            os.close(reader)
        assert running.wait(20) != 0
    finally:
        running.kill()
    calls = log.read_text().splitlines()
    unit = f"check-shop-{running.pid}.service"
    assert calls[1:] == [f"systemctl kill --signal=SIGKILL {unit}", f"systemctl stop {unit}"]
