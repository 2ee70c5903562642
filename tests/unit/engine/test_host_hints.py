"""What engine.host_hints promises."""

from __future__ import annotations

import re

import pytest
from pyinfra.connectors.util import CommandOutput, OutputLine

from homeport.description.hardening import DIRECTIVES
from homeport.engine import host_hints
from tests.support.host_folders import Fleet


@pytest.mark.parametrize(
    ("symptom", "hint"),
    [
        ("bash: line 1: sudo: command not found", "it has no sudo. Fix: "),
        ("sh: 1: sudo: not found", "it has no sudo"),
        ("bash: line 1: /usr/bin/sudo: No such file or directory", "it has no sudo"),
        ("deploy is not in the sudoers file.", "its sudo lets this account run nothing"),
        ("sudo: a password is required", "its sudo asks for a password"),
        ("tar: x: Cannot write: No space left on device", "its disk is full. Fix: make room"),
        ("mkdir: cannot create directory: Read-only file system", "its file system is read-only"),
    ],
)
def test_host_hints__a_symptom_that_is_known_comes_with_its_mend(symptom: str, hint: str) -> None:
    assert str(host_hints.explain(["something", symptom])).startswith(hint)


def test_host_hints__a_symptom_that_is_not_known_gets_no_advice() -> None:
    assert host_hints.explain(["segmentation fault"]) is None
    assert host_hints.explain([]) is None


@pytest.mark.parametrize(
    "line",
    [
        "OSError: [Errno 28] No space left on device",
        "inotify: No space left on device",
        "RuntimeError: login to the broker failed: incorrect password",
        "cp: cannot create regular file: Read-only file system",
        "sudo: a password is required",
        "[ERROR] Control server error: [Errno 30] Read-only file system",
    ],
)
def test_host_hints__what_an_application_says_is_no_symptom_of_its_host(line: str) -> None:
    lines = ["homeportctl: shop-web.service failed", "its last lines:", f"  {line}"]
    assert host_hints.explain(lines) is None


@pytest.mark.parametrize(
    "line",
    [
        "  OSError: [Errno 30] Read-only file system: 'instance'",
        "  import shop: OSError: [Errno 30] Read-only file system: '/srv/x' (shop.py:3)",
        "  Error: EROFS: read-only file system, open 'x'",
    ],
)
def test_host_hints__a_service_that_writes_into_its_release_is_sent_to_its_data(line: str) -> None:
    lines = ["homeportctl: shop-web.service failed", "its last lines:", "  Traceback", line]
    assert host_hints.explain(lines) == (
        "the release is read-only for it. Fix: have it write to $STATE_DIRECTORY, its data "
        "directory."
    )
    assert host_hints.explain([*lines, "  KeyError: 'TOKEN'"]) is None


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (
            "FileNotFoundError: [Errno 2] No such file or directory: '/proc/meminfo'",
            "name ProcSubset under disable_hardening",
        ),
        (
            "OSError: [Errno 97] Address family not supported by protocol",
            "name RestrictAddressFamilies under",
        ),
        (
            "PermissionError: [Errno 1] Operation not permitted",
            "name MemoryDenyWriteExecute under",
        ),
        (
            "serial.serialutil.SerialException: [Errno 2] could not open port /dev/ttyUSB0: "
            "[Errno 2] No such file or directory: '/dev/ttyUSB0'",
            "name PrivateDevices and DevicePolicy under",
        ),
        (
            "serial.serialutil.SerialException: [Errno 13] could not open port /dev/ttyUSB0: "
            "[Errno 13] Permission denied: '/dev/ttyUSB0'",
            "`usermod -aG GROUP APP`",
        ),
        ("FileNotFoundError: [Errno 2] No such file or directory: '.lgd-nfy-3'", "LG_WD: /tmp"),
        ("sqlite3.OperationalError: unable to open database file", "$STATE_DIRECTORY"),
        ("sqlite3.OperationalError: attempt to write a readonly database", "$STATE_DIRECTORY"),
        ("PermissionError: [Errno 13] Permission denied: '/home/pi/photos'", "name ProtectHome"),
        (
            "Address family not supported by protocol (src/tcp_listener.cpp:120)",
            "name RestrictAddressFamilies",
        ),
    ],
)
def test_host_hints__what_its_sandbox_forbids_leads_to_the_directive(line: str, hint: str) -> None:
    lines = ["homeportctl: box-web.service failed", "its last lines:", "  Traceback", f"  {line}"]
    assert hint in str(host_hints.explain(lines))
    assert host_hints.explain([*lines, "  KeyError: 'TOKEN'"]) is None


def test_host_hints__a_directive_that_is_named_is_one_that_can_be_left_out() -> None:
    named = re.findall(
        r"name ([\w ]+) under|, (\w+) if", " ".join(how for *_, how in host_hints.SANDBOX)
    )
    words = {word for pair in named for name in pair for word in name.split(" and ") if word}
    assert words <= {line.partition("=")[0] for line in DIRECTIVES}
    assert "ProcSubset" in words


def test_a_command_that_fails_ends_with_its_mend_and_one_that_succeeds_says_nothing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.start("a")
    failure = CommandOutput([OutputLine("stderr", "cp: No space left on device")])
    for done, lines in ((False, 2), (True, 1)):
        answer = (done, CommandOutput(list(failure.combined_lines)))
        monkeypatch.setattr(fleet, "answer", lambda *_, answer=answer, **__: answer)
        noted: list[str] = []
        command = host_hints.hinting("cp a b", noted.extend)
        result, output = command.execute(fleet.state, fleet.host("a"), {})
        assert noted == ([] if done else ["cp: No space left on device"])
        assert (result, len(output.stderr_lines)) == (done, lines)
        assert ("its disk is full" in output.stderr_lines[-1]) is not done
