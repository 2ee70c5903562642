"""Damage of accounts, and of what an account can read and write."""

from __future__ import annotations

from collections.abc import Iterator

from tests.spec_faults.damage import Damage
from tests.spec_faults.survey import ASIDE, Survey

DATABASES = ("passwd", "group", "shadow", "gshadow")


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of the account that the application runs as."""
    name = survey.app
    keep = f"for file in {' '.join(DATABASES)}; do cp -p /etc/$file {ASIDE}/$file; done"
    back = f"for file in {' '.join(DATABASES)}; do cp -p {ASIDE}/$file /etc/$file; done"
    passwd = f"sed -i -e '/^{name}:/{{' "
    edits = {
        "can log in": f"usermod -s /bin/bash {name}",
        "has another home": f"{passwd} -e 's|:[^:]*:\\([^:]*\\)$|:/tmp:\\1|;}}' /etc/passwd",
        "has a password": f"echo {name}:password | chpasswd -c SHA256",
        "has no password, and needs none": f"sed -i 's/^{name}:[^:]*:/{name}::/' /etc/shadow",
        "is in the group that may become root": f"usermod -aG sudo {name}",
        "is in the group of the disks": f"usermod -aG disk {name}",
    }
    for what, edit in edits.items():
        yield Damage(
            "ServiceUser",
            name,
            f"{name} {what}",
            f"{keep}; {edit}",
            back,
            ("test_reads_only_its_own", "test_writes_none_of_its_code"),
        )
    strange = {
        "has a person's id": f"sed -i 's/^{name}:x:[0-9]*:/{name}:x:4321:/' /etc/passwd",
        "is root": f"sed -i 's/^{name}:x:[0-9]*:/{name}:x:0:/' /etc/passwd",
        "has the group of others": f"{passwd} -e 's/:[0-9]*:\\([^0-9]\\)/:100:\\1/;}}' /etc/passwd",
        "is gone": f"sed -i '/^{name}:/d' /etc/passwd",
    }
    for what, edit in strange.items():
        yield Damage(
            "ServiceUser",
            name,
            f"{name} {what}",
            f"{keep}; {edit}",
            back,
            ("account", "down", "Venv", "Release", "test_secrets_are_in_their_files_only"),
        )
    yield Damage(
        "ServiceUser",
        name,
        f"sudo lets {name} be root",
        f"mkdir -p /etc/sudoers.d; echo '{name} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/other",
        "rm /etc/sudoers.d/other",
    )
    yield from _reach(survey)
    yield from _secrets(survey)


def _reach(survey: Survey) -> Iterator[Damage]:
    name = survey.app
    reads = {
        "/etc/shadow": ("chmod o+r /etc/shadow", "chmod 640 /etc/shadow"),
        "the secrets of another application": (
            "mkdir -p /etc/homeport/other; echo A=1 >/etc/homeport/other/secrets",
            "rm -r /etc/homeport/other",
        ),
        "the data of another application": (
            "mkdir -p /etc/homeport/other /var/lib/other",
            "rmdir /etc/homeport/other /var/lib/other",
        ),
        "the keys of the host": (
            "chmod o+r /etc/ssh/ssh_host_ed25519_key",
            "chmod 600 /etc/ssh/ssh_host_ed25519_key",
        ),
        "what homeport keeps": ("chmod 755 /var/lib/homeport", "chmod 700 /var/lib/homeport"),
    }
    for what, (apply, undo) in reads.items():
        yield Damage("test_reads_only_its_own", "*", f"{name} can read {what}", apply, undo)
    writes = {
        "a file beside its code": (
            f"touch /srv/{name}/other; chmod 666 /srv/{name}/other",
            f"rm /srv/{name}/other",
        ),
        "the programs of the host": ("chmod o+w /usr/local/bin", "chmod 755 /usr/local/bin"),
        "the units of the host": ("chmod o+w /etc/systemd/system", "chmod 755 /etc/systemd/system"),
    }
    for what, (apply, undo) in writes.items():
        yield Damage("test_writes_none_of_its_code", "*", f"{name} can write {what}", apply, undo)


def _secrets(survey: Survey) -> Iterator[Damage]:
    value = f"sed -n 's/^[A-Z_]*=\"\\(.*\\)\"$/\\1/p' /etc/homeport/{survey.app}/secrets"
    if f"/etc/homeport/{survey.app}/secrets" not in survey.places:
        return
    copies = {
        "another file": (
            f"({value}) >/srv/{survey.app}/bin/.other; chmod 600 /srv/{survey.app}/bin/.other",
            f"rm /srv/{survey.app}/bin/.other",
        ),
        "a unit": (
            f"printf '[Service]\\nEnvironment=A=%s\\nExecStart=/bin/true\\n' \"$({value})\""
            " >/etc/systemd/system/other.service",
            "rm /etc/systemd/system/other.service",
        ),
        "a command line": (
            f"systemd-run -q --unit=other-leak sh -c ': '\"$({value})\"'; sleep 600'",
            "systemctl stop other-leak",
        ),
    }
    for what, (apply, undo) in copies.items():
        yield Damage(
            "test_secrets_are_in_their_files_only", "", f"a secret is in {what}", apply, undo
        )
