"""What sshd goes by on a closed host."""

from __future__ import annotations

from homeport.operations.bootstrap.sshd_settings import SshdLockdown

LOCKDOWN = SshdLockdown(("root", "deploy", "ann"), 60, ("deploy", "ann"))


def test_only_the_accounts_that_may_are_let_in_and_nothing_is_forwarded() -> None:
    lines = LOCKDOWN.text.splitlines()
    assert "AllowUsers deploy ann" in lines
    for closed in ("PasswordAuthentication", "PermitRootLogin", "KbdInteractiveAuthentication"):
        assert f"{closed} no" in lines
    for way in ("Agent", "Tcp", "StreamLocal", "X11"):
        allow = "" if way == "X11" else "Allow"
        assert f"{allow}{way}Forwarding no" in lines
    assert {"PermitTunnel no", "PermitListen none", "PermitOpen none"} <= set(lines)
    # One login serves all commands of a run.
    assert "MaxSessions" not in LOCKDOWN.text


def test_what_permit_open_names_may_be_reached_and_nothing_else() -> None:
    jump = SshdLockdown(("root",), 60, ("deploy",), permit_open=("10.0.0.7:22", "[fd00::7]:22"))
    assert "AllowTcpForwarding local\nPermitOpen 10.0.0.7:22 [fd00::7]:22\n" in jump.text


def test_sshd_is_held_to_each_setting_and_to_each_account() -> None:
    assert {"allowusers deploy", "allowusers ann", "permitopen none"} <= set(LOCKDOWN.effective)
    assert list(LOCKDOWN.effective) == sorted(LOCKDOWN.effective)
    assert {line.partition(" ")[0] for line in LOCKDOWN.effective} == set(LOCKDOWN.names)
