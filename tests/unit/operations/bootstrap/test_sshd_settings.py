"""What sshd goes by on a closed host."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatch

import paramiko

from homeport.operations.bootstrap.sshd_settings import WEAK, SshdLockdown

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


OLDEST = {
    "KexAlgorithms": (
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
        "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
        "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"
    ),
    "MACs": (
        "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
        "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"
        "umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"
    ),
}
"""What OpenSSH 8.4, Debian 11's, has by itself: sshd_config(5) there."""


def left(name: str, offered: list[str]) -> list[str]:
    return [each for each in offered if not any(fnmatch(each, weak) for weak in WEAK[name])]


def test_no_key_exchange_and_no_mac_is_offered_that_is_weak_and_each_client_has_a_better_one() -> (
    None
):
    options = paramiko.Transport._preferred_kex, paramiko.Transport._preferred_macs
    for name, theirs in zip(WEAK, options, strict=True):
        offered = left(name, OLDEST[name].split(","))
        assert not re.search("nistp|sha1|group14|group-exchange|umac-64", " ".join(offered))
        assert name == "KexAlgorithms" or all("-etm@" in each for each in offered)
        assert set(offered) & set(theirs)
        assert f"{name} -{','.join(WEAK[name])}" in LOCKDOWN.text.splitlines()


def test_what_a_file_of_the_host_sets_is_left_to_it() -> None:
    text = replace(LOCKDOWN, host_owns=("macs",)).text
    assert "KexAlgorithms -" in text
    assert "MACs" not in text
