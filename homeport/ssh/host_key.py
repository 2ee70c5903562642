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
"""Is given a key that isn't pinned, as ``type base64``, and raises unless it is to be trusted."""

ECDSA = tuple(f"ecdsa-sha2-nistp{bits}" for bits in (256, 384, 521))
KINDS = (("ssh-ed25519",), ECDSA, ("rsa-sha2-512", "rsa-sha2-256"))
"""Kinds of host keys, in the order in which a host that nobody knows is asked for them."""
PINS = "_pyinfra_ssh_known_hosts_file"


def connect(known: Mapping[str, Any], judge: Judge, kinds: Sequence[str] = ()) -> SSHClient:
    """Return a client that is logged in, before which the host has shown a key that is right.

    Raises what paramiko raises, and what the judge does.

    + known: how to reach the host and log in, as pyinfra's connector puts it for paramiko
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
    """Return the key that a host shows when it is asked for these kinds; it has none if None."""

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
    """Return the kinds among which a key is, by the names that a handshake has for them."""
    name = key.split(" ")[0].replace("ssh-rsa", "rsa-sha2-512")
    return next((kinds for kinds in KINDS if name in kinds), (name,))


def line(key: PKey) -> str:
    """Return a key of paramiko's as ``type base64``."""
    return f"{key.get_name()} {key.get_base64()}"


def described(key: str) -> str:
    """Return a key as people compare it: its type and its fingerprint."""
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
