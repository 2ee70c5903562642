"""What makes a clone one host of its own: name, keys, address, and how it is entered."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path

from lab import ssh
from lab.command import output
from lab.place import Place
from lab.state import Host, State

CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL | re.ASCII
)


def give(where: Place, state: State, host: Host, root: Path) -> None:
    """Write a fresh clone's identity into its root. Raises OSError or Mistake."""
    (root / "etc/hostname").write_text(f"{host.name}\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {host.name}\n")
    (root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    key = ssh.host_key(where, host.name)
    for file in (key, key.with_suffix(".pub")):
        shutil.copy(file, root / "etc/ssh" / file.name)
        (root / "etc/ssh" / file.name).chmod(0o600 if file is key else 0o644)
    permitted = "prohibit-password" if host.user == "root" else "no"
    (root / "etc/ssh/sshd_config.d/lab.conf").write_text(
        f"PermitRootLogin {permitted}\nPasswordAuthentication no\n"
    )
    _let_in(where, host, root)
    _trust_what_we_trust(root)


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


def _let_in(where: Place, host: Host, root: Path) -> None:
    home, ids = root / "root", (0, 0)
    if host.user != "root":
        # No password at all, which is not the same as a locked account.
        line = ["useradd", "--prefix", str(root), "--create-home", "--shell", "/bin/bash"]
        output([*line, "--password", "*", host.user])
        home = root / "home" / host.user
        status = home.stat()
        ids = (status.st_uid, status.st_gid)
        sudoers = root / "etc/sudoers.d/lab"
        sudoers.write_text(f"{host.user} ALL=(ALL) NOPASSWD: ALL\n")
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
