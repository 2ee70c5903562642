"""What is said of a host that was bootstrapped: nothing when all is well, else the fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeport.files.entries import File
from homeport.operations.bootstrap.admin_users import AdminUser
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.operations.bootstrap.hostname import HostName
from homeport.operations.bootstrap.readers import Reader
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.ssh_sessions import KeyLogins
from homeport.operations.bootstrap.sshd_settings import SshdLockdown
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.operations.bootstrap.zram import Zram
from homeport.ssh.known_hosts import fingerprint
from tests.production.described import (
    PROOFS,
    QUESTIONS,
    admin_users,
    disk_wear,
    host_keys,
    hostname,
    paths,
    readers,
    ssh_sessions,
    sshd_logins,
    system_services,
    timezone,
)
from tests.support.real_shell import is_shell
from tests.support.sample_app import BARE, NOTHING_AT_ALL

KEY = "ssh-ed25519 AAAA"
KEYS = HostKeys("pi", Path("known_hosts"), (KEY,))
KEYGEN = f"256 {fingerprint(KEY)} root@pi (ED25519)"
OPERATOR = AdminUser("deploy")
USER = "user deploy 1000 /home/deploy /bin/bash\npasswordless deploy\nroot deploy"
LOGINS = SshdLockdown(("root", "pi"), 120, ("pi", "ann"), ("git",))
SSHD = (
    "\n".join(LOGINS.effective)
    + "\nkeys root\nkeys git\nkeys pi\noffers root publickey\noffers pi publickey"
)
JUMP = SshdLockdown(("root", "pi"), 120, ("pi", "ann"), permit_open=("10.0.0.7:22",))
MINE = KeyLogins("deploy", ("SHA256:mine",))
SESSIONS = "session deploy SHA256:mine\nsession ann SHA256:hers"
ANN = Reader("ann")
READS = (
    "account ann /usr/local/sbin/homeport-read  homeport-readers\npasswordless ann\n"
    "grant ann root NOPASSWD: /usr/local/sbin/homeport-read\nopen bob /home/bob"
)
NAME = HostName("shed")
NAMED = "now shed\nboot shed\nleads 127.0.1.1 STREAM shed"
DAEMON = SystemService("a.service")
CARD = (
    "source /dev/mmcblk0p2\noptions rw,noatime\nfstab defaults,noatime\ncontainer none\n"
    "swap /dev/zram0"
)
ROOT, ZRAM = NoatimeRoot(), Zram()

GOOD: list[tuple[Any, Any, str]] = [
    (host_keys.faults, KEYS, KEYGEN),
    (admin_users.faults, OPERATOR, USER),
    (sshd_logins.faults, LOGINS, SSHD),
    (sshd_logins.faults, LOGINS, SSHD + "\ntakes MACs\nown MACs"),
    (ssh_sessions.faults, MINE, SESSIONS),
    (readers.faults, ANN, READS),
    (hostname.faults, NAME, NAMED),
    (timezone.faults, TimeZone("Europe/Berlin"), "/usr/share/zoneinfo/Europe/Berlin"),
    (system_services.faults, DAEMON, "a.service active static"),
    (disk_wear.root_faults, ROOT, CARD),
    (disk_wear.swap_faults, ZRAM, CARD),
]


@pytest.mark.parametrize(("faults", "resource", "answer"), GOOD)
def test_described__a_host_as_it_should_be_has_no_fault(
    faults: Any, resource: Any, answer: str
) -> None:
    assert faults(resource, answer) == []


BAD: list[tuple[Any, Any, str, str]] = [
    (
        host_keys.faults,
        KEYS,
        KEYGEN.replace("SHA256:", "SHA256:x"),
        "is pinned, and not the host's",
    ),
    (host_keys.faults, KEYS, f"{KEYGEN}\n256 SHA256:new x (RSA)", "SHA256:new is not pinned"),
    (admin_users.faults, OPERATOR, "", "no such user"),
    (admin_users.faults, OPERATOR, USER.replace("1000", "0"), "isn't one to log in to"),
    (admin_users.faults, OPERATOR, USER.replace("bin/bash", "usr/sbin/nologin"), "isn't one"),
    (admin_users.faults, OPERATOR, USER.replace("/home/deploy", "/root"), "its home is /root"),
    (admin_users.faults, OPERATOR, USER.replace("passwordless", ""), "it has a password"),
    (admin_users.faults, OPERATOR, USER.replace("root deploy", ""), "sudo asks it"),
    *(
        (sshd_logins.faults, LOGINS, SSHD.replace(good, bad), fault)
        for good, bad, fault in (
            ("login no", "login yes", "sshd has permitrootlogin yes"),
            ("login no", "login prohibit-password", "sshd has permitrootlogin prohibit-password"),
            ("x11forwarding no", "x11forwarding yes", "sshd has x11forwarding yes"),
            ("permitlisten none", "", "sshd has permitlisten None"),
            ("maxauthtries 4", "maxauthtries 6", "sshd has maxauthtries 6"),
            ("interval 30", "interval 0", "sshd has clientaliveinterval 0"),
            ("compression no", "compression yes", "sshd has compression yes"),
            ("permitopen none", "permitopen any", "sshd forwards to any"),
            ("tcpforwarding no", "tcpforwarding yes", "sshd forwards TCP"),
            ("allowusers ann", "allowusers eve", "sshd lets in eve, pi"),
            ("keys git", "keys git\nopen /etc/ssh/a", "others may write /etc/ssh/a"),
            ("keys git", "keys eve", "eve has keys, and no description names it"),
        )
    ),
    (sshd_logins.faults, JUMP, SSHD, "sshd forwards to none"),
    (
        sshd_logins.faults,
        LOGINS,
        SSHD.replace("passwordauthentication no", "passwordauthentication yes"),
        "sshd has passwordauthentication yes",
    ),
    (sshd_logins.faults, LOGINS, SSHD + ",password", "it takes password from pi"),
    (
        sshd_logins.faults,
        LOGINS,
        SSHD + ",keyboard-interactive",
        "it takes keyboard-interactive from pi",
    ),
    (
        sshd_logins.faults,
        LOGINS,
        SSHD.replace("offers pi publickey", ""),
        "does not say what it takes",
    ),
    (sshd_logins.faults, LOGINS, SSHD + "\ntakes MACs", "sshd takes weak MACs"),
    (sshd_logins.faults, LOGINS, SSHD + "\narmed homeport-logins.timer", "about to open again"),
    (ssh_sessions.faults, MINE, SESSIONS.replace(":mine", ":old"), "open that SHA256:old opened"),
    *(
        (readers.faults, ANN, READS.replace(good, bad), fault)
        for good, bad, fault in (
            ("account ann /usr/local/sbin/homeport-read", "account ann /bin/sh", "is /bin/sh"),
            ("homeport-readers", "homeport-readers sudo", "homeport-readers sudo"),
            ("passwordless ann", "", "it has a password"),
            ("NOPASSWD: /usr/local/sbin/homeport-read", "NOPASSWD: ALL", "sudo grants it"),
            ("grant ann", "grant bob", "sudo grants it []"),
            ("open bob /home/bob", "open ann /home/ann/.ssh", "/home/ann/.ssh is not root's"),
        )
    ),
    (hostname.faults, NAME, NAMED.replace("now shed", "now pi"), "it is called pi"),
    (hostname.faults, NAME, NAMED.replace("boot shed", "boot pi"), "called pi after a reboot"),
    (hostname.faults, NAME, NAMED.replace("127.0.1.1", ""), "does not point to itself"),
    (timezone.faults, TimeZone("Europe/Berlin"), "/usr/share/zoneinfo/Etc/UTC", "it is Etc/UTC"),
    (system_services.faults, DAEMON, "a.service inactive static", "it is inactive"),
    (system_services.faults, DAEMON, "a.service active disabled", "does not start at boot"),
    (system_services.faults, DAEMON, "", "it is unknown"),
    (disk_wear.root_faults, ROOT, CARD.replace("rw,noatime", "rw,relatime"), "mounted rw,relatime"),
    (
        disk_wear.root_faults,
        ROOT,
        CARD.replace("defaults,noatime", "defaults"),
        "fstab has it defaults",
    ),
    (disk_wear.swap_faults, ZRAM, CARD.replace("swap /dev/zram0", ""), "there is none"),
    (disk_wear.swap_faults, ZRAM, CARD.replace("/dev/zram0", "/dev/mmcblk0p3"), "there is none"),
]


@pytest.mark.parametrize(("faults", "resource", "answer", "fault"), BAD)
def test_described__a_host_that_differs_has_its_fault(
    faults: Any, resource: Any, answer: str, fault: str
) -> None:
    assert fault in "; ".join(faults(resource, answer))


def test_described__a_disk_needs_no_sparing_unless_somebody_says_so() -> None:
    disk = CARD.replace("/dev/mmcblk0p2", "/dev/sda1").replace("noatime", "relatime")
    disk = disk.replace("swap /dev/zram0", "")
    assert disk_wear.root_faults(ROOT, disk) == disk_wear.swap_faults(ZRAM, disk) == []
    assert disk_wear.root_faults(NoatimeRoot(True), disk)
    assert disk_wear.swap_faults(Zram(True), disk)
    assert disk_wear.swap_faults(Zram(True), disk.replace("container none", "container lxc")) == []


def test_described__a_setting_of_a_daemon_is_proven_with_it() -> None:
    daemon = SystemService("a.service", (File("/etc/a", b"text"),))
    assert paths.daemon_faults(daemon, "") == ["/etc/a: it is not there"]


def test_described__every_resource_of_a_bare_host_has_a_proof() -> None:
    assert [kind for kind in map(type, BARE.resources) if kind not in PROOFS] == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_described__a_question_is_shell_whatever_is_described(name: str) -> None:
    for description in (BARE, NOTHING_AT_ALL):
        is_shell(QUESTIONS[name](description))
