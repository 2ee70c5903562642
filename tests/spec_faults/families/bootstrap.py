"""Damage of a host that was bootstrapped: its logins, its names, its daemons and its card."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.spec_faults.damage import Damage
from tests.spec_faults.survey import ASIDE, Survey

CLOSED = "/etc/ssh/sshd_config.d/00-homeport.conf"
READER = "/usr/local/sbin/homeport-read"
RELOAD = "systemctl reload ssh; sleep 0.5"
DATABASES = ("passwd", "group", "shadow", "gshadow")
LAX = (
    "PermitRootLogin yes",
    "PasswordAuthentication yes",
    "KbdInteractiveAuthentication yes",
    "X11Forwarding yes",
    "AllowAgentForwarding yes",
    "AllowStreamLocalForwarding yes",
    "AllowTcpForwarding yes",
    "PermitTunnel yes",
    "PermitOpen any",
    "PermitListen any",
    "MaxAuthTries 9",
    "ClientAliveInterval 0",
    "LogLevel INFO",
    "AllowUsers games",
)


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of what a bootstrap made, if there was one."""
    if CLOSED not in survey.places:
        return
    yield from _sshd()
    yield from _accounts(survey)
    yield from _names()
    yield from _daemons()
    yield from _card()


def _sshd() -> Iterator[Damage]:
    first = "/etc/ssh/sshd_config.d/00-first.conf"
    for line in LAX:
        yield Damage(
            "SshdLockdown",
            "*",
            f"a file before ours has {line}",
            f"echo '{line}' >{first}; {RELOAD}",
            f"rm {first}; {RELOAD}",
        )
    changes = {
        "its settings are opened to every user": (f"chmod 666 {CLOSED}", f"chmod 644 {CLOSED}"),
        "its settings belong to another user": (f"chown daemon {CLOSED}", f"chown root {CLOSED}"),
        "its settings are gone": (
            f"mv {CLOSED} {ASIDE}/closed; {RELOAD}",
            f"mv {ASIDE}/closed {CLOSED}; {RELOAD}",
        ),
        "it is about to open again": (
            "systemd-run -q --unit=homeport-logins --on-active=1h true",
            "systemctl stop homeport-logins.timer",
        ),
        "another account has a key": (
            "useradd -m stranger; install -d -m 700 ~stranger/.ssh;"
            " echo 'ssh-ed25519 AAAA' >~stranger/.ssh/authorized_keys;"
            " chown -R stranger ~stranger/.ssh",
            "userdel -r stranger 2>/dev/null",
        ),
    }
    for what, (apply, undo) in changes.items():
        yield Damage("SshdLockdown", "*", what, apply, undo)
    keys = {
        "a host key is there that was not pinned": (
            "ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_other_key",
            "rm /etc/ssh/ssh_host_other_key /etc/ssh/ssh_host_other_key.pub",
        ),
        "a host key that was pinned is gone": (
            f"mv /etc/ssh/ssh_host_ecdsa_key.pub {ASIDE}",
            f"mv {ASIDE}/ssh_host_ecdsa_key.pub /etc/ssh",
        ),
    }
    for what, (apply, undo) in keys.items():
        yield Damage("HostKeys", "*", what, apply, undo)
    keyring, key = "/home/deploy/.ssh/authorized_keys", f"{ASIDE}/stranger"
    log_in = f"ssh -i {key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    yield Damage(
        "KeyLogins",
        "*",
        "a session is open that another key opened",
        f"rm -f {key}*; ssh-keygen -q -t ed25519 -N '' -f {key}; cp -p {keyring} {ASIDE}/keyring;"
        f" cat {key}.pub >>{keyring};"
        f" systemd-run -q --unit=other-session {log_in} deploy@127.0.0.1 sleep 600; sleep 2;"
        f" cat {ASIDE}/keyring >{keyring}",
        f"systemctl stop other-session; touch -r {ASIDE}/keyring {keyring}",
    )


def _accounts(survey: Survey) -> Iterator[Damage]:
    keep = f"for file in {' '.join(DATABASES)}; do cp -p /etc/$file {ASIDE}/$file; done"
    back = f"for file in {' '.join(DATABASES)}; do cp -p {ASIDE}/$file /etc/$file; done"
    homes = [re.fullmatch("/home/([^/]+)/.ssh", path) for path in survey.places]
    readers = [home[1] for home in homes if home and home[1] not in ("deploy", "pi")]
    for name in ("deploy", *readers):
        kind = "AdminUser" if name == "deploy" else "Reader"
        edits = {
            "has a password": f"echo {name}:password | chpasswd -c SHA256",
            "needs no password": f"sed -i 's/^{name}:[^:]*:/{name}::/' /etc/shadow",
        }
        if kind == "Reader":
            edits |= {
                "has a shell": f"usermod -s /bin/bash {name}",
                "is no reader": f"gpasswd -d {name} homeport-readers >/dev/null",
                "may do more by its group": f"usermod -aG sudo {name}",
            }
        for what, edit in edits.items():
            yield Damage(kind, name, f"{name} {what}", f"{keep}; {edit}", back)
    for name in readers:
        grant = "/etc/sudoers.d/other"
        yield Damage(
            "Reader",
            name,
            f"{name} may do more",
            f"echo '{name} ALL=(root) NOPASSWD: /bin/cat' >{grant}",
            f"rm {grant}",
        )
        for path in (f"/home/{name}", f"/home/{name}/.ssh"):
            yield Damage(
                "Reader",
                name,
                f"{path} is its reader's",
                f"chown {name} {path}",
                f"chown root {path}",
                ("Directory",),
            )
        yield Damage(
            "Reader",
            name,
            "every user can change the program of readers",
            f"chmod 777 {READER}",
            f"chmod 755 {READER}",
            ("File", "Reader"),
        )


def _names() -> Iterator[Damage]:
    names = {
        "the kernel has another name": (
            "uname -n >{aside}/n; hostname other",
            "hostname -F {aside}/n",
        ),
        "the next boot gives another name": (
            "cp -p /etc/hostname {aside}/h; echo other >/etc/hostname",
            "cp -p {aside}/h /etc/hostname",
        ),
        "its name leads nowhere": (
            "cp -p /etc/hosts {aside}/hosts; sed -i '/^127.0.1.1/d' /etc/hosts",
            "cat {aside}/hosts >/etc/hosts; touch -r {aside}/hosts /etc/hosts",
        ),
    }
    for what, (apply, undo) in names.items():
        yield Damage("HostName", "*", what, apply.format(aside=ASIDE), undo.format(aside=ASIDE))
    zone, saved = "/etc/localtime", f"{ASIDE}/localtime"
    for what, edit in {
        "another": f"ln -sfn /usr/share/zoneinfo/Asia/Tokyo {zone}",
        "none": f"rm {zone}",
    }.items():
        keep = f"rm -f {saved}; cp -a {zone} {saved}"
        yield Damage(
            "TimeZone",
            "*",
            f"its zone is {what}",
            f"{keep}; {edit}",
            f"rm -f {zone}; cp -a {saved} {zone}",
        )


def _daemons() -> Iterator[Damage]:
    for unit in ("apt-daily.timer", "apt-daily-upgrade.timer"):
        for verb, back in {"stop": "start", "disable --quiet": "enable --quiet"}.items():
            yield Damage(
                "SystemService",
                unit,
                f"{unit}: {verb.split()[0]}",
                f"systemctl {verb} {unit}",
                f"systemctl {back} {unit}",
            )
    yield Damage(
        "SystemService",
        "systemd-journald.service",
        "journald is masked until the next boot",
        "systemctl mask --runtime --quiet systemd-journald",
        "systemctl unmask --runtime --quiet systemd-journald",
    )


def _card() -> Iterator[Damage]:
    yield Damage(
        "NoatimeRoot",
        "*",
        "the next boot keeps times of reading",
        f"cp -p /etc/fstab {ASIDE}/fstab; sed -i s/noatime/relatime/ /etc/fstab",
        f"cat {ASIDE}/fstab >/etc/fstab; touch -r {ASIDE}/fstab /etc/fstab",
    )
    yield Damage(
        "NoatimeRoot",
        "*",
        "times of reading are saved now",
        "mount -o remount,relatime /",
        "mount -o remount,noatime /",
    )
    yield Damage(
        "Zram",
        "*",
        "swap is not in memory",
        f"umount /proc/swaps; echo Filename >{ASIDE}/swaps; mount --bind {ASIDE}/swaps /proc/swaps",
        "umount /proc/swaps; mount --bind /run/swaps /proc/swaps",
    )
