"""The ways to hosts that are measured: a connector, and whether a login is at hand."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.contenders.inventory import OPENSSH, SSH


@dataclass(frozen=True)
class Way:
    """A run of pyinfra over a connector.

    + name, title: what it is called in data, and in a report
    + reuses: whether it finds the login of the run before it
    + kex: the key exchange of a login, in ssh's words; the one that both sides like best if None
    """

    name: str
    title: str
    connector: str
    reuses: bool = False
    kex: str | None = None


PARAMIKO = Way("ssh", "@ssh", SSH)
FIRST = Way("openssh", "@openssh, first run", OPENSSH)
NEXT = Way("openssh-next", "@openssh, next run within a minute", OPENSSH, reuses=True)
ALIKE = Way(
    "openssh-curve25519", "@openssh, first run, curve25519", OPENSSH, kex="curve25519-sha256"
)
"""paramiko knows no key exchange that withstands a quantum computer, and each login costs CPU."""
WAYS = (PARAMIKO, FIRST, NEXT, ALIKE)
TURNS = ((PARAMIKO,), (FIRST, NEXT), (ALIKE,))
"""Runs that follow each other, since the later ones use what the first has left."""
TITLES = {way.name: way.title for way in WAYS}
