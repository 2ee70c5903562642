"""What ssh says becomes one line: the cause, and the fix."""

from __future__ import annotations

import pytest

from homeport.openssh.errors import Way, explain, is_changed, is_denied, is_refused

WAY = Way("shed", "192.0.2.7", "2222", "ann", known_hosts="/k h")
CHANGED = """\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Host key verification failed."""


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        (
            "ssh: Could not resolve hostname shed: Name or service not known",
            "there is no address for 192.0.2.7",
            "getent hosts 192.0.2.7",
        ),
        (
            "ssh: connect to host shed port 22: Connection timed out",
            "it does not answer at 192.0.2.7",
            "ping -c 3 192.0.2.7",
        ),
        (
            "ssh: connect to host shed port 2222: Connection refused",
            "nothing listens on port 2222 of 192.0.2.7",
            "systemctl start ssh",
        ),
        (CHANGED, "its host key has changed", "ssh-keygen -R '[192.0.2.7]:2222' -f '/k h'"),
        (
            "No ED25519 host key is known for shed and you have requested strict checking.\n"
            "Host key verification failed.",
            "its host key is not known here",
            "log in once",
        ),
        ("ann@shed: Permission denied (publickey).", "it refuses the key of ann", "ssh-copy-id"),
        (
            "ann@shed: Permission denied (publickey,password).",
            "it refuses the key of ann, and the password",
            "ssh-copy-id",
        ),
        (
            "WARNING: Your password has expired.\nPassword change required but no TTY available.",
            "the password of ann has expired",
            "change it: `ssh -p 2222 ann@192.0.2.7`",
        ),
        (
            "Received disconnect from 192.0.2.7 port 2222:2: Too many authentication failures",
            "it refuses the key of ann: too many others are offered before",
            "set ssh_key",
        ),
        (
            "channel 0: open failed: administratively prohibited: open failed\n"
            "stdio forwarding failed\nConnection closed by UNKNOWN port 65535",
            "a jump host does not forward to 192.0.2.7",
            "name 192.0.2.7:2222 in permit_open",
        ),
        (
            "its question had no answer after 110 s",
            "its login asked, and had no answer in time",
            "ssh-add",
        ),
        (
            "kex_exchange_identification: Connection closed by remote host",
            "hangs up before a login",
            "set ssh_port",
        ),
        (
            "/x/config: line 3: Bad configuration option: nosuch",
            "ssh can't read its configuration: /x/config: line 3",
            "ssh -G shed",
        ),
        ("something new", "it can't be reached: something new", "see what `ssh"),
        ("", "it can't be reached: ssh gives no reason", "see what `ssh"),
    ],
)
def test_errors__one_line_names_cause_and_fix(text: str, what: str, fix: str) -> None:
    line = explain(text, WAY)
    assert what in line.partition(" Fix: ")[0]
    assert fix in line.partition(" Fix: ")[2]
    assert "\n" not in line


def test_errors__a_refusal_and_a_changed_key_are_told_from_all_else() -> None:
    assert is_denied(explain("ann@shed: Permission denied (publickey).", WAY))
    assert is_changed(explain(CHANGED, WAY))
    other = explain("ssh: connect to host shed port 22: Connection refused", WAY)
    assert not is_denied(other)
    assert not is_changed(other)


def test_errors__a_refusal_is_one_of_a_host_whose_key_is_good() -> None:
    assert is_refused("ann@shed: Permission denied (publickey,keyboard-interactive).")
    assert not is_refused(f"{CHANGED}\nann@shed: Permission denied (publickey).")
    assert not is_refused("Host key verification failed.\nann@gate: Permission denied (publickey).")
    assert not is_refused("ssh: connect to host shed port 22: Connection refused")
    assert not is_refused("Could not open /x/config: Permission denied")


def test_errors__a_configuration_of_host_data_stands_in_the_command() -> None:
    line = explain("x", Way("shed", "192.0.2.7", config="/a b/config"))
    assert "`ssh -F '/a b/config' shed`" in line


def test_entry_of_known_hosts_is_that_of_an_alias() -> None:
    line = explain(
        "Host key for shelf has changed and you have requested strict checking.",
        Way("shed", "192.0.2.7", "2222", alias="shelf"),
    )
    assert "`ssh-keygen -R shelf`" in line
