"""What templates.host_programs.check_config promises."""

from __future__ import annotations

import subprocess
import sys

from homeport.files.env_file import render
from tests.support.host_shells import HOST

# check-config


def judge(*command: str, secrets: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run it as the check of a file is run."""
    interpreter = [sys.executable, "-B", "-I", f"{HOST}/check-config", "/etc/shop.conf"]
    return subprocess.run(
        [*interpreter, *command], input=secrets.decode(), capture_output=True, text=True
    )


def test_check_config__a_check_that_accepts_its_file_says_nothing() -> None:
    done = judge("sh", "-c", "echo fine; echo really >&2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_config__a_check_that_does_not_is_told_by_its_last_lines() -> None:
    done = judge("sh", "-c", "seq 30; echo wrong >&2; exit 3")
    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    assert first.startswith(
        "/etc/shop.conf is not accepted by its check, so nothing was switched (exit code 3 after "
    )
    assert [line.strip() for line in rest] == [*map(str, range(12, 31)), "wrong"]


def test_check_config__a_check_reads_nothing_of_what_the_deploy_sends() -> None:
    assert judge("sh", "-c", "! read line", secrets=b'A="1"\n').returncode == 0


def test_check_config__what_a_check_says_is_told_without_a_secret() -> None:
    variables = {"A": "hunter2", "B": 'hunter2 "and" \\more', "C": "", "D": "(A)"}
    script = 'printf "%s|" "$@"; exit 1'
    errors = judge("sh", "-c", script, "x", *variables.values(), secrets=render(variables)).stderr
    assert errors.splitlines()[1].strip() == "(A)|(B)||(D)|"
    assert judge("sh", "-c", "echo seen; exit 1").stderr.splitlines()[1] == "  seen"
