"""What operations.bootstrap.sshd_lockdown promises."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.command import FunctionCommand, StringCommand

from homeport.operations.bootstrap import sshd_lockdown, sshd_logins
from homeport.operations.bootstrap.sshd_lockdown import DROP_IN
from homeport.operations.bootstrap.sshd_logins import SshdLockdownState
from homeport.ssh import connection
from tests.support.fake_programs import Programs
from tests.support.fake_sshd import CLOSED, LOCKDOWN, NEW, OPEN, SSHD
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import is_shell


class FakeHost:
    """A host that a message is for."""

    name = "shed"

    def __init__(self) -> None:
        self.messages: list[str] = []

    def log_styled(self, message: str, **style: object) -> None:
        self.messages.append(message)


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Say what comes of a second login, before it is closed and after."""

    def second(before: str | None = None, after: str | None = None) -> None:
        monkeypatch.setattr(connection, "reason_against", lambda host: before)
        monkeypatch.setattr(connection, "reason_against_closed", lambda host, patience: after)

    return second


def play(host: FakeHost) -> list[str]:
    """Run the steps as pyinfra does, up to the first that fails, and return the shell of each."""
    found = SshdLockdownState(NEW, True, OPEN, ())
    shell = []
    for command in sshd_logins.apply(CLOSED, found, sshd_logins.diff(CLOSED, found)):
        if isinstance(command, FunctionCommand):
            if not command.function(None, host, *command.args):
                break
        elif isinstance(command, StringCommand):
            is_shell(command.get_raw_value())
            shell.append(command.get_raw_value())
    return shell


def test_sshd_lockdown__nothing_is_closed_without_a_login_that_works(
    second: Callable[..., None],
) -> None:
    second(before="Authentication failed")
    host = FakeHost()
    assert play(host) == []
    assert "Nothing was closed" in host.messages[0]


def test_sshd_lockdown__a_login_that_works_disarms_and_one_that_fails_opens(
    second: Callable[..., None],
) -> None:
    second()
    assert play(FakeHost())[-1] == sshd_lockdown.CONFIRM
    second(after="Authentication failed")
    host = FakeHost()
    assert play(host)[-1] == sshd_lockdown.OPEN
    assert "Authentication failed. Logins are open again." in host.messages[0]


def test_sshd_lockdown__the_host_is_armed_before_the_first_file_is_in_place() -> None:
    found = SshdLockdownState(NEW, True, OPEN, ())
    changes = sshd_logins.diff(CLOSED, found)
    steps = list(sshd_logins.apply(CLOSED, found, changes))
    text = steps[1].get_raw_value()
    armed, placed = text.index("systemd-run "), text.index("mv -f -t /etc/ssh")
    judged, read = text.index("sshd -t"), text.rindex("systemctl try-reload-or-restart")
    assert armed < placed < judged < read
    assert "--on-active=60 --timer-property=AccuracySec=1s" in text


@pytest.fixture
def host(tmp_path: Path, programs: Programs) -> Callable[[str, str], subprocess.CompletedProcess]:
    """A host below a directory, on which the shell of a closing is run."""
    for folder in ("etc/ssh/sshd_config.d", "etc/tmpfiles.d", "run"):
        (tmp_path / folder).mkdir(parents=True)

    def host(script: str, sshd: str = SSHD) -> subprocess.CompletedProcess:
        here = re.sub(r"(?<![\w.])/(etc|run)/", rf"{tmp_path}/\1/", script)
        file = tmp_path / "programs"
        for name, body in {"sshd": sshd, "systemctl": "", "systemd-run": ""}.items():
            (file / name).write_text(f'#!/bin/sh\necho "{name} $*" >>{tmp_path}/calls\n{body}\n')
            (file / name).chmod(0o755)
        return run_command(StringCommand(f"set -eu\n{here}"), path=f"{file}:/usr/bin:/bin")

    return host


def closed(tmp_path: Path) -> Path:
    return tmp_path / DROP_IN.lstrip("/")


def close(host: Callable[..., Any], tmp_path: Path, first: bool = True, **sshd: str) -> Any:
    # As files are put in place: a link that was there is replaced, and not followed.
    place = f"rm -f {DROP_IN}\nprintf new >{DROP_IN}\n"
    return host(f"{sshd_lockdown.arm(60, first)}\n{place}{sshd_lockdown.close(LOCKDOWN)}", **sshd)


@as_root
def test_sshd_lockdown__what_was_there_before_comes_back(
    host: Callable[..., Any], tmp_path: Path
) -> None:
    closed(tmp_path).write_text("old")
    assert close(host, tmp_path).returncode == 0
    # A closing that nobody confirmed is no state to go back to.
    assert close(host, tmp_path, first=False).returncode == 0
    assert closed(tmp_path).read_text() == "new"
    assert (tmp_path / "etc/tmpfiles.d/homeport-logins.conf").read_text().split()[0] == "L+!"
    assert host(sshd_lockdown.OPEN).returncode == 1
    assert closed(tmp_path).read_text() == "old"
    assert list((tmp_path / "etc/tmpfiles.d").iterdir()) == []


@as_root
def test_sshd_lockdown__a_power_cut_leads_back_to_what_was_confirmed(
    host: Callable[..., Any], tmp_path: Path
) -> None:
    unconfirmed = tmp_path / "etc/tmpfiles.d/homeport-logins.conf"
    assert close(host, tmp_path).returncode == 0
    assert unconfirmed.read_text().split() == ["r!", str(closed(tmp_path))]
    assert host(sshd_lockdown.CONFIRM).returncode == 0
    closed(tmp_path).write_text("confirmed")
    assert close(host, tmp_path).returncode == 0
    # As systemd-tmpfiles takes it at boot: a link to the file as it was.
    kind, place, *_, target = unconfirmed.read_text().split()
    assert (kind, place) == ("L+!", str(closed(tmp_path)))
    assert Path(target).read_text() == "confirmed"
    closed(tmp_path).unlink()
    closed(tmp_path).symlink_to(target)
    # The next run closes it, and knows what was before; nothing is left when that is confirmed.
    assert close(host, tmp_path, first=False).returncode == 0
    assert Path(target).read_text() == "confirmed"
    assert host(sshd_lockdown.CONFIRM).returncode == 0
    assert [path.name for path in closed(tmp_path).parent.iterdir()] == ["00-homeport.conf"]


@as_root
def test_sshd_lockdown__where_nothing_was_nothing_is_left(
    host: Callable[..., Any], tmp_path: Path
) -> None:
    close(host, tmp_path)
    host(sshd_lockdown.OPEN)
    assert not closed(tmp_path).exists()


@as_root
@pytest.mark.parametrize(
    "sshd",
    [
        '[ "$1" != -t ] || exit 255\n' + SSHD,
        "PASSWORDS=yes\n" + SSHD,
        'case "$*" in *user=pi*) PASSWORDS=yes ;; esac\n' + SSHD,
        SSHD + "echo allowusers bob\n",
        SSHD.replace("maxauthtries 4", "maxauthtries 6"),
        SSHD.replace("permittunnel no\n", ""),
        "exit 0",
    ],
)
def test_sshd_lockdown__settings_that_sshd_refuses_or_overrules_are_undone_at_once(
    host: Callable[..., Any], tmp_path: Path, sshd: str
) -> None:
    done = close(host, tmp_path, sshd=sshd)
    assert done.returncode == 1
    assert "as before" in done.stderr
    assert not closed(tmp_path).exists()
    assert (
        "systemctl stop homeport-logins.timer" in (tmp_path / "calls").read_text().splitlines()[-1]
    )


@as_root
def test_sshd_lockdown__a_confirmation_leaves_it_closed_and_comes_too_late_when_it_is_open(
    host: Callable[..., Any], tmp_path: Path
) -> None:
    close(host, tmp_path)
    assert host(sshd_lockdown.CONFIRM).returncode == 0
    assert closed(tmp_path).read_text() == "new"
    assert list((tmp_path / "etc/tmpfiles.d").iterdir()) == []
    closed(tmp_path).unlink()
    late = host(sshd_lockdown.CONFIRM)
    assert late.returncode == 1
    assert "it was opened again meanwhile" in late.stderr


@as_root
def test_sshd_lockdown__a_revert_that_has_begun_is_never_confirmed(
    host: Callable[..., Any], tmp_path: Path
) -> None:
    close(host, tmp_path)
    revert = (tmp_path / "run/homeport/logins/revert").read_text()
    # Its time is up, and it stands before its first file.
    claim, _, rest = revert.partition("\n")
    assert host(claim).returncode == 0
    late = host(sshd_lockdown.CONFIRM)
    assert late.returncode == 1
    assert "it was opened again meanwhile" in late.stderr
    assert host(f"{claim}\n{rest}").returncode == 0
    assert not closed(tmp_path).exists()


@as_root
def test_sshd_lockdown__a_revert_that_begins_after_the_confirmation_opens_nothing(
    host: Callable[..., Any], tmp_path: Path
) -> None:
    close(host, tmp_path)
    revert = (tmp_path / "run/homeport/logins/revert").read_text()
    # The confirmation has decided, and the timer fires before it is stopped.
    assert host(sshd_lockdown.CONFIRM.partition("\nsystemctl")[0]).returncode == 0
    assert host(revert).returncode == 0
    assert closed(tmp_path).read_text() == "new"
    assert host(sshd_lockdown.CONFIRM).returncode == 0
    assert host(revert).returncode == 0
    assert closed(tmp_path).read_text() == "new"
