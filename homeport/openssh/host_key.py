"""The host key that a server shows, found by the way that a login would take."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from homeport.openssh import process, runtime
from homeport.openssh.login import Login, LoginError

KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
    "rsa-sha2-512,rsa-sha2-256",
)
"""Kinds of host keys (``HostKeyAlgorithms`` of ssh_config(5)), the better ones first."""
NOTHING = ("-o", "PreferredAuthentications=none", "-o", "PubkeyAuthentication=no")
UNKNOWN = "no matching host key type"


def offered(login: Login, kinds: str) -> str | None:
    """Return a host's key of these kinds as ``type base64``, None if it has none.

    Raises ``LoginError`` for a host that can't be reached.
    """
    file = runtime.directory() / f"offered-{secrets.token_hex(8)}"
    # It is written down, and not believed: nothing is logged in to.
    takes = ["-o", "StrictHostKeyChecking=accept-new", "-o", "HashKnownHosts=no"]
    takes += ["-o", f'UserKnownHostsFile="{file}"', "-o", "GlobalKnownHostsFile=none"]
    takes += ["-o", "UpdateHostKeys=no", "-o", "VerifyHostKeyDNS=no", "-o", "HostKeyAlias=none"]
    takes += ["-o", f"HostKeyAlgorithms={kinds}", "-o", "ControlPath=none", *NOTHING]
    try:
        output = _try(["ssh", *takes, *login.options, "--", login.target, "true"], login.seconds)
        lines = file.read_text().splitlines() if file.exists() else []
    finally:
        file.unlink(missing_ok=True)
    keys = [" ".join(line.split()[1:3]) for line in lines if len(line.split()) >= 3]
    if keys:
        return keys[0]
    if UNKNOWN in output:
        return None
    raise LoginError(output or "ssh gives no reason")


def _try(command: Sequence[str], seconds: float) -> str:
    ended, _, errors = process.captured(command, seconds)
    if ended.reached is not None:
        raise LoginError(f"the login took longer than {seconds:g} s")
    return errors.decode(errors="replace").strip()
