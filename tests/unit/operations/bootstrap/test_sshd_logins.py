"""Passwords are closed only behind a proven login, and opened again unless a new one confirms."""

from __future__ import annotations

import hashlib

import pytest

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput
from homeport.files import managed_set
from homeport.files.entries import File, FileState
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap import sshd_logins
from homeport.operations.bootstrap.sshd_logins import DROP_IN, TEXT, SshdLockdownState
from tests.support.fake_programs import Programs
from tests.support.fake_sshd import CLOSED, NEW, OPEN, SSHD
from tests.support.real_shell import run

UNDESCRIBED = DesiredState("_host", ())


def managed() -> ManagedSetState:
    """What a host has that was closed."""
    (change,) = [
        c for c in managed_set.diff("_host", "sshd-logins", [File(DROP_IN, TEXT)], NEW) if c.diff
    ]
    seen = FileState("f", "644", "root", "root", "", hashlib.sha256(TEXT).hexdigest())
    assert change.target.name == DROP_IN
    return ManagedSetState({DROP_IN: seen}, (DROP_IN,), (), "key")


def test_sshd_logins__a_host_that_is_open_is_closed() -> None:
    changes = sshd_logins.diff(CLOSED, SshdLockdownState(NEW, True, OPEN))
    assert [change.target.name for change in changes] == [
        DROP_IN,
        "/var/lib/homeport/_host/sshd-logins",
    ]
    assert "+PasswordAuthentication no" in changes[0].diff


def test_sshd_logins__a_host_that_is_closed_and_confirmed_is_left_alone() -> None:
    assert sshd_logins.diff(CLOSED, SshdLockdownState(managed(), True, ())) == []
    assert sshd_logins.diff(UNDESCRIBED, SshdLockdownState(NEW, True, ())) == []


def test_sshd_logins__a_host_that_nobody_confirmed_is_closed_once_more() -> None:
    (change,) = sshd_logins.diff(CLOSED, SshdLockdownState(managed(), False, ()))
    assert change.reason == "it is closed, but no new login has confirmed that"


def test_sshd_logins__a_setting_that_wins_over_ours_refuses_the_host() -> None:
    with pytest.raises(
        PreconditionError, match=r"passwordauthentication yes for pi, in spite of .* Match"
    ):
        sshd_logins.diff(CLOSED, SshdLockdownState(managed(), True, OPEN))


def test_sshd_logins__what_sshd_says_is_read_for_each_user(programs: Programs) -> None:
    opened = 'case "$*" in *user=pi*) PASSWORDS=yes ;; esac\n'
    done = run(f"set -eu\n{sshd_logins.probe(CLOSED, 'key')}", path=programs(sshd=opened + SSHD))
    assert (done.returncode, done.stderr) == (0, b"")
    found = sshd_logins.parse(ProbeOutput(done.stdout.decode(), "key"))
    assert found.open == OPEN
    assert found.confirmed


def test_sshd_logins__an_sshd_that_does_not_answer_fails_the_look(programs: Programs) -> None:
    done = run(f"set -eu\n{sshd_logins.probe(CLOSED, 'key')}", path=programs(sshd="exit 255"))
    assert done.returncode != 0
