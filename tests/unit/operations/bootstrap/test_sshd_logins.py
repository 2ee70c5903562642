"""Passwords are closed only behind a proven login, and opened again unless a new one confirms."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput, Target
from homeport.files import managed_set
from homeport.files.entries import File, FileState
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap import sshd_logins
from homeport.operations.bootstrap.sshd_lockdown import DROP_IN
from homeport.operations.bootstrap.sshd_logins import SshdLockdownState
from homeport.operations.bootstrap.sshd_settings import SshdLockdown
from tests.support.fake_programs import Programs
from tests.support.fake_sshd import CLOSED, LOCKDOWN, NEW, OPEN, SSHD
from tests.support.real_shell import run

UNDESCRIBED = DesiredState("_host", ())
TEXT = LOCKDOWN.text.encode()
SHUT = dict.fromkeys(LOCKDOWN.users, LOCKDOWN.effective)


def managed() -> ManagedSetState:
    """What a host has that was closed."""
    (change,) = [
        c for c in managed_set.diff("_host", "sshd-logins", [File(DROP_IN, TEXT)], NEW) if c.diff
    ]
    seen = FileState("f", "644", "root", "root", "", hashlib.sha256(TEXT).hexdigest())
    assert change.target.name == DROP_IN
    return ManagedSetState({DROP_IN: seen}, (DROP_IN,), (), "key")


def test_sshd_logins__a_host_that_is_open_is_closed() -> None:
    changes = sshd_logins.diff(CLOSED, SshdLockdownState(NEW, True, OPEN, ()))
    assert [change.target.name for change in changes] == [
        DROP_IN,
        "/var/lib/homeport/_host/sshd-logins",
    ]
    assert "+PasswordAuthentication no" in changes[0].diff


def test_sshd_logins__a_host_that_is_closed_and_confirmed_is_left_alone() -> None:
    assert sshd_logins.diff(CLOSED, SshdLockdownState(managed(), True, SHUT, ("pi",))) == []
    assert sshd_logins.diff(UNDESCRIBED, SshdLockdownState(NEW, True, {}, ())) == []


def test_sshd_logins__a_host_that_nobody_confirmed_is_closed_once_more() -> None:
    (change,) = sshd_logins.diff(CLOSED, SshdLockdownState(managed(), False, SHUT, ()))
    assert change.reason == "it is closed, but no new login has confirmed that"


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ("passwordauthentication no", "passwordauthentication yes", "passwordauthentication yes"),
        ("maxauthtries 4", "maxauthtries 6", "maxauthtries 6"),
        ("allowusers pi", "allowusers pi|allowusers bob", "allowusers bob"),
        ("permitopen none", "permitopen any", "permitopen any"),
        ("loglevel VERBOSE", "", "no loglevel VERBOSE"),
    ],
)
def test_sshd_logins__a_setting_that_wins_over_ours_refuses_the_host(
    ours: str, theirs: str, message: str
) -> None:
    lines = "|".join(LOCKDOWN.effective).replace(ours, theirs).split("|")
    found = {**SHUT, "pi": tuple(line for line in lines if line)}
    with pytest.raises(PreconditionError, match=rf"sshd has {message} for pi, in spite of .* Mat"):
        sshd_logins.diff(CLOSED, SshdLockdownState(managed(), True, found, ()))


def test_sshd_logins__an_account_that_would_be_shut_out_has_to_be_named() -> None:
    def found(*accounts: str) -> SshdLockdownState:
        return SshdLockdownState(NEW, True, OPEN, accounts)

    with pytest.raises(PreconditionError, match="ann, git have keys and would be shut out; name"):
        sshd_logins.diff(CLOSED, found("root", "pi", "ann", "git"))
    with pytest.raises(PreconditionError, match="ann has keys and would be shut out; name"):
        sshd_logins.diff(CLOSED, found("ann"))
    named = SshdLockdown(("root", "pi"), 60, ("pi", "ann"), denied=("git",))
    assert sshd_logins.diff(DesiredState("_host", (named,)), found("root", "pi", "ann", "git"))


def test_sshd_logins__a_reader_that_leaves_with_this_run_is_no_account_that_is_shut_out() -> None:
    found = SshdLockdownState(NEW, True, OPEN, ("pi", "ann"))
    leaving = frozenset({Target("readers", "ann")})
    assert sshd_logins.diff(CLOSED, found, leaving)
    with pytest.raises(PreconditionError, match="ann has keys"):
        sshd_logins.diff(CLOSED, found, frozenset({Target("files", "ann")}))


def test_sshd_logins__what_sshd_says_is_read_for_each_user(programs: Programs) -> None:
    opened = 'case "$*" in *user=pi*) PASSWORDS=yes ;; esac\n'
    done = run(f"set -eu\n{sshd_logins.probe(CLOSED, 'key')}", path=programs(sshd=opened + SSHD))
    assert (done.returncode, done.stderr) == (0, b"")
    found = sshd_logins.parse(ProbeOutput(done.stdout.decode(), "key"))
    assert "passwordauthentication yes" in found.settings["pi"]
    assert set(found.settings["root"]) == set(LOCKDOWN.effective)
    assert found.confirmed


def test_sshd_logins__an_sshd_that_does_not_answer_fails_the_look(programs: Programs) -> None:
    done = run(f"set -eu\n{sshd_logins.probe(CLOSED, 'key')}", path=programs(sshd="exit 255"))
    assert done.returncode != 0


def test_sshd_logins__what_another_file_of_the_host_sets_is_not_overruled(
    programs: Programs, tmp_path: Path
) -> None:
    folder = tmp_path / "etc/ssh/sshd_config.d"
    folder.mkdir(parents=True)
    (folder.parent / "sshd_config").write_text("Include x\n#KexAlgorithms a\nPort 22\n")
    (folder / "00-homeport.conf").write_text("KexAlgorithms -a\nMACs -b\n")
    (folder / "50-mine.conf").write_text("  macs=hmac-sha2-512-etm@openssh.com\nMACs other\n")
    script = sshd_logins.probe(CLOSED, "key").replace("/etc/ssh", f"{tmp_path}/etc/ssh")
    done = run(f"set -eu\n{script}", path=programs(sshd=SSHD))
    assert (done.returncode, done.stderr) == (0, b"")
    found = sshd_logins.parse(ProbeOutput(done.stdout.decode(), "key"))
    assert found.owns == ("macs",)
    (change, _) = sshd_logins.diff(CLOSED, SshdLockdownState(NEW, True, OPEN, (), found.owns))
    assert not any(line.startswith("+MACs") for line in change.diff)
    assert any(line.startswith("+KexAlgorithms -") for line in change.diff)
