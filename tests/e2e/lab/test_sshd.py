"""Servers as they are set up in the world, of two Debians: each lets us in, or says why not."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading

from lab.paths import place
from tests.e2e.lab.project import Project
from tests.e2e.lab.servers import (
    FIREWALL,
    OTHER,
    address,
    beneath,
    data,
    dropped,
    execute,
    firewall,
    host,
    known,
    reason,
    servers,
    settings,
    with_password,
)
from tests.support.short_folder import short_folder

__all__ = ["host", "servers", "short_folder"]


def configured(project: Project, host: str, *options: str) -> None:
    """Have ssh reach a host by a configuration of its own, of ssh_config(5)."""
    file = project.folder / "ssh_config"
    own = "\n  ".join((f"Host {host}", *options))
    file.write_text(f"{own}\nInclude {place().ssh_config}\n")
    data(project, host, ssh_config_file=str(file))


def refused(project: Project, host: str) -> str:
    """Return why a host can't be reached."""
    return reason(execute(project, "true", hosts=host), host)


def public(host: str) -> str:
    """Return the public key of a host, by its kind."""
    return " ".join(place().public_key(host).read_text().split()[:2])


def test_another_port_is_asked_for_its_own_key(project: Project, host: str) -> None:
    settings(host, "Port 22\nPort 2222")
    pinned = project.folder / "known_hosts"
    pinned.write_text(f"[{address(host)}]:22222 {public(host)}\n")
    data(project, host, ssh_port=2222, ssh_hostname=address(host), ssh_user=known(host).user)
    data(project, host, ssh_key=str(place().key), ssh_known_hosts_file=str(pinned))
    assert "its host key is not known here" in refused(project, host)
    pinned.write_text(f"[{address(host)}]:2222 {public(host)}\n")
    done = execute(project, "true", hosts=host)
    assert done.returncode == 0, done.stderr
    # Hashed, it is the same.
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(pinned)], check=True, capture_output=True)
    assert address(host) not in pinned.read_text()
    assert execute(project, "true", hosts=host).returncode == 0


def test_a_key_that_is_revoked_is_refused_by_name(project: Project, host: str) -> None:
    pinned = project.folder / "known_hosts"
    pinned.write_text(f"{host} {public(host)}\n@revoked * {public(host)}\n")
    configured(project, host, f"UserKnownHostsFile {pinned}", f"HostKeyAlias {host}")
    data(project, host, ssh_known_hosts_file=str(pinned))
    assert "its host key is revoked" in refused(project, host)


def test_certificates_open_the_host_and_prove_it(project: Project, host: str) -> None:
    keys = project.folder / "keys"
    keys.mkdir(mode=0o700)
    for name in ("users", "hosts", "mine"):
        _keygen("-t", "ed25519", "-N", "", "-f", str(keys / name))
    user = known(host).user
    _keygen("-s", str(keys / "users"), "-I", "me", "-n", user, str(keys / "mine.pub"))
    shutil.copy(place().public_key(host), keys / "host.pub")
    _keygen("-s", str(keys / "hosts"), "-I", "it", "-h", "-n", host, str(keys / "host.pub"))
    for name, path in (("users.pub", "/srv/users.pub"), ("host-cert.pub", "/srv/host-cert.pub")):
        beneath(host, f"printf '%s' '{(keys / name).read_text()}' >{path}")
    settings(host, "TrustedUserCAKeys /srv/users.pub\nHostCertificate /srv/host-cert.pub\n")
    pinned = keys / "known_hosts"
    authority = " ".join((keys / "hosts.pub").read_text().split()[:2])
    pinned.write_text(f"@cert-authority {host} {authority}\n")
    configured(
        project,
        host,
        f"IdentityFile {keys}/mine",
        f"CertificateFile {keys}/mine-cert.pub",
        f"HostKeyAlias {host}",
        f"UserKnownHostsFile {pinned}",
        "IdentitiesOnly yes",
    )
    data(project, host, ssh_known_hosts_file=str(pinned))
    done = execute(project, "true", hosts=host)
    assert done.returncode == 0, done.stderr
    assert "ED25519-CERT" in beneath(host, "journalctl -q -b -o cat | grep '^Accepted'")


def test_a_command_of_ones_own_leads_to_the_host(project: Project, host: str) -> None:
    way = f"ProxyCommand ssh -F {place().ssh_config} -W %h:%p {OTHER}"
    configured(project, host, way)
    done = execute(project, "true", hosts=host)
    assert done.returncode == 0, done.stderr
    through = beneath(host, "journalctl -q -b -o cat | grep '^Accepted' | tail -1")
    assert f" from {address(OTHER)} port " in through


def test_a_server_that_is_busy_is_tried_again(project: Project, host: str) -> None:
    settings(host, "MaxStartups 1")
    with socket.create_connection((address(host), 22)) as busy:
        assert busy.recv(8) == b"SSH-2.0-"
        threading.Timer(2.0, busy.close).start()
        done = execute(project, "true", hosts=host)
    assert done.returncode == 0, done.stderr
    # It was turned away before.
    assert "maxstartups" in beneath(host, "journalctl -q -b -o cat -u ssh").lower()


def test_a_firewall_that_counts_logins_delays_a_confirmation(project: Project, host: str) -> None:
    firewall(host, FIREWALL)
    assert execute(project, "true", hosts=host).returncode == 0
    (project.folder / "anew.py").write_text(
        "from pyinfra import host\n"
        "from pyinfra.api.command import StringCommand\n\n"
        "from homeport.ssh.connection import run_anew\n\n"
        'assert run_anew(host, StringCommand("true"))[0]\n'
    )
    done = project.pyinfra("-y", "inventories/lab.py", "anew.py", "--limit", host)
    assert done.returncode == 0, done.stderr
    assert dropped(host) > 0


def test_a_password_that_has_expired_says_so(project: Project, host: str) -> None:
    user = known(host).user
    with_password(host)
    beneath(host, f"chage -d 0 {user}")
    try:
        line = refused(project, host)
        assert f"the password of {user} has expired. Fix: log in once, and change it" in line
    finally:
        beneath(host, f"chage -d $(date +%F) {user}")


def test_a_user_may_log_in_by_password(project: Project, host: str) -> None:
    user = known(host).user
    word = with_password(host)
    settings(host, "PasswordAuthentication yes\nPermitRootLogin yes\nPubkeyAuthentication no")
    secret = project.folder / "secrets/login"
    secret.touch(mode=0o600)
    secret.write_text(word)
    data(project, host, ssh_password={"file": str(secret)})
    done = execute(project, "true", hosts=host)
    assert done.returncode == 0, done.stderr
    last = beneath(host, "journalctl -q -b -o cat | grep '^Accepted' | tail -1")
    assert last.startswith("Accepted password for ")
    secret.write_text("wrong")
    data(project, host, ssh_persist=0)
    line = refused(project, host)
    assert f"it refuses the key of {user}, and the password if one is set" in line
    assert word not in done.stderr


def _keygen(*arguments: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *arguments], check=True, capture_output=True)
