"""Open an SSH connection, with a judge of our own over the key that the host shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from paramiko import MissingHostKeyPolicy, PKey, SSHException, Transport
from paramiko.ssh_exception import IncompatiblePeer
from pyinfra.connectors.sshuserclient.client import SSHClient

from homeport.ssh.known_hosts import fingerprint

Judge = Callable[[str], None]
"""Takes a key that isn't pinned, as ``type base64``, and raises unless it is to be trusted."""

ECDSA = tuple(f"ecdsa-sha2-nistp{bits}" for bits in (256, 384, 521))
KINDS = (("ssh-ed25519",), ECDSA, ("rsa-sha2-512", "rsa-sha2-256"))
"""Kinds of host keys, in the order in which an unknown host is probed for them."""
PINS = "_pyinfra_ssh_known_hosts_file"


def connect(known: Mapping[str, Any], judge: Judge, kinds: Sequence[str] = ()) -> SSHClient:
    """Return a client that is logged in to a host with a key that is pinned, or judged right.

    Raises what paramiko raises, and what the judge does.

    + known: address and login of the host, as pyinfra's connector hands them to paramiko
    + kinds: the kinds of keys that the host may show; any if there are none
    """

    def transport(*args: Any, **kwargs: Any) -> Transport:
        made = Transport(*args, **kwargs)
        if kinds:
            made.get_security_options().key_types = tuple(kinds)
        return made

    client: Any = _Client(judge)
    known = {**known, "transport_factory": transport}
    if known.get(PINS) and not Path(known[PINS]).expanduser().exists():
        # pyinfra would complain of a file that is only about to be written.
        known[PINS] = os.devnull
    client.connect(known.pop("hostname"), **known)
    found: SSHClient = client
    return found


def offered(known: Mapping[str, Any], kinds: Sequence[str]) -> str | None:
    """Return the host's key of one of these kinds, as ``type base64``, None if it has none.

    Raises what paramiko raises for a host that can't be reached.
    """

    def judge(key: str) -> None:
        raise _KeySeen(key)

    try:
        connect(known, judge, kinds).close()
    except _KeySeen as seen:
        return str(seen)
    except IncompatiblePeer:
        pass
    return None


def kinds_like(key: str) -> Sequence[str]:
    """Return the kinds that a key belongs to, by their names in a handshake (RFC 8332)."""
    name = key.split(" ")[0].replace("ssh-rsa", "rsa-sha2-512")
    return next((kinds for kinds in KINDS if name in kinds), (name,))


def line(key: PKey) -> str:
    """Return a key of paramiko's as ``type base64``."""
    return f"{key.get_name()} {key.get_base64()}"


def described(key: str) -> str:
    """Return the type of a key and its fingerprint: ``ssh-ed25519 SHA256:...``.

    Raises ``ValueError`` if it is no key.
    """
    return f"{key.split(' ')[0]} {fingerprint(key)}"


class _KeySeen(SSHException):
    pass


class _Policy(MissingHostKeyPolicy):
    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def missing_host_key(self, client: Any, hostname: str, key: PKey) -> None:
        self._judge(line(key))


class _Client(SSHClient):
    # pyinfra's client chooses among policies of its own by a word.
    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge

    def set_missing_host_key_policy(self, policy: object) -> None:
        super().set_missing_host_key_policy(_Policy(self._judge))
