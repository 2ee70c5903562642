"""The identity of a clone: name, keys, address, and how it is entered."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path

from lab import passwords
from lab.command import output
from lab.paths import Place
from lab.state import Host, State

CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL | re.ASCII
)


def give(where: Place, state: State, host: Host, root: Path) -> None:
    """Write a fresh clone's identity into its root. Raises OSError or UserError."""
    rename(where, host, root)
    _trust_what_we_trust(root)
    if host.bare:
        return _leave_bare(where, host, root)
    permitted = "prohibit-password" if host.user == "root" else "no"
    (root / "etc/ssh/sshd_config.d/lab.conf").write_text(
        f"PermitRootLogin {permitted}\nPasswordAuthentication no\n"
    )
    return _let_in(where, host, root)


def rename(where: Place, host: Host, root: Path) -> None:
    """Write what no two hosts share: name, machine id and host keys."""
    (root / "etc/hostname").write_text(f"{host.name}\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {host.name}\n")
    (root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    for key in where.host(host.name).glob("ssh_host_*"):
        shutil.copy(key, root / "etc/ssh" / key.name)
        (root / "etc/ssh" / key.name).chmod(0o644 if key.suffix == ".pub" else 0o600)


def place_in_network(state: State, host: Host, root: Path) -> None:
    """Write the address that the host takes at boot, and whom it asks for names."""
    (root / "etc/lab-address").write_text(
        f"ADDRESS={state.address(host)}\nGATEWAY={state.gateway}\n"
    )
    # A stub on loopback answers on the controller only; systemd-resolved keeps the real list here.
    real = Path("/run/systemd/resolve/resolv.conf")
    names = (real if real.exists() else Path("/etc/resolv.conf")).read_text()
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text(names)


def _leave_bare(where: Place, host: Host, root: Path) -> None:
    # As images come: a known password, also for root; and a file that lets passwords in early.
    (root / "etc/ssh/sshd_config.d/10-image.conf").write_text(
        "PermitRootLogin yes\nPasswordAuthentication yes\n"
    )
    word = passwords.hashed(passwords.password(where.password(host.name)))
    prefix = ["--prefix", str(root), "--password", word]
    output(["useradd", *prefix, "--create-home", "--shell", "/bin/bash", "-G", "sudo", host.user])
    output(["usermod", *prefix, "root"])


def _let_in(where: Place, host: Host, root: Path) -> None:
    home, ids = root / "root", (0, 0)
    if host.user != "root":
        # No password at all is not the same as a locked account.
        word = passwords.hashed(where.sudo_password.read_text()) if host.asks else "*"
        line = ["useradd", "--prefix", str(root), "--create-home", "--shell", "/bin/bash"]
        output([*line, "--password", word, host.user])
        home = root / "home" / host.user
        status = home.stat()
        ids = (status.st_uid, status.st_gid)
        sudoers = root / "etc/sudoers.d/lab"
        sudoers.write_text(f"{host.user} ALL=(ALL) {'' if host.asks else 'NOPASSWD: '}ALL\n")
        sudoers.chmod(0o440)
    directory = home / ".ssh"
    keys = directory / "authorized_keys"
    directory.mkdir(mode=0o700, exist_ok=True)
    keys.write_text(where.key.with_suffix(".pub").read_text())
    keys.chmod(0o600)
    for path in (directory, keys):
        shutil.chown(path, *ids)


def _trust_what_we_trust(root: Path) -> None:
    ours, theirs = Path("/", CA_BUNDLE), root / CA_BUNDLE
    if not ours.exists():
        return
    known = set(_CERTIFICATE.findall(theirs.read_text(errors="replace")))
    extra = [
        one for one in _CERTIFICATE.findall(ours.read_text(errors="replace")) if one not in known
    ]
    # Beside the bundle too, or the next upgrade of ca-certificates would forget them.
    local = root / "usr/local/share/ca-certificates"
    local.mkdir(parents=True, exist_ok=True)
    for number, certificate in enumerate(extra):
        (local / f"controller-{number}.crt").write_text(f"{certificate}\n")
    with theirs.open("a") as bundle:
        bundle.writelines(f"{certificate}\n" for certificate in extra)
