"""The hosts of the benchmark: real ones, in a lab of their own, and how they are reached."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import lab
from benchmarks.contenders import Reach
from benchmarks.latency_proxy import Relay
from lab import paths, ssh, state

LAB = "bench"
PORT = 22
SESSIONS = "/etc/ssh/sshd_config.d/benchmark.conf"

Way = tuple[list[Reach], Relay]


def enter() -> None:
    """Make this process, and those that it starts, use the benchmark's own lab."""
    os.environ["HOMEPORT_LAB"] = LAB


def up(specs: Sequence[str]) -> None:
    """Have these hosts, and have their SSH servers log each session that is opened."""
    lab.up([lab.parse(spec) for spec in specs])
    for spec in specs:
        log_sessions(spec.partition("=")[0])


def renew(names: Sequence[str]) -> None:
    """Make hosts new, as before a first deploy."""
    for name in names:
        lab.reset(name)
        log_sessions(name)


@contextmanager
def reached(names: Sequence[str], folder: Path, rtt: float) -> Iterator[Way]:
    """Yield how to reach hosts by a relay that adds ``rtt`` seconds to each round trip."""
    where = paths.place()
    current = state.require(where)
    addresses = [(current.address(current.hosts[name]), PORT) for name in names]
    with Relay(addresses, rtt) as relay:
        ends = [("127.0.0.1", port) for port in relay.ports]
        yield _reaches(names, ends, folder / "known_hosts.relay"), relay


def direct(names: Sequence[str], folder: Path) -> list[Reach]:
    """Return how to reach hosts as they are."""
    where = paths.place()
    current = state.require(where)
    ends = [(current.address(current.hosts[name]), PORT) for name in names]
    return _reaches(names, ends, folder / "known_hosts")


def _reaches(
    names: Sequence[str], ends: Sequence[tuple[str, int]], known_hosts: Path
) -> list[Reach]:
    where = paths.place()
    current = state.require(where)
    lines = []
    for name, (address, port) in zip(names, ends, strict=True):
        entry = address if port == PORT else f"[{address}]:{port}"
        kind, key, *_ = ssh.host_key(where, name).with_suffix(".pub").read_text().split()
        lines.append(f"{entry} {kind} {key}\n")
    known_hosts.write_text("".join(lines))
    return [
        Reach(
            name,
            address,
            port,
            current.hosts[name].user,
            where.key,
            known_hosts,
            current.hosts[name].architecture,
            current.hosts[name].debian,
            where.sudo_password if current.hosts[name].asks else None,
        )
        for name, (address, port) in zip(names, ends, strict=True)
    ]


def log_sessions(name: str) -> None:
    """Have a host's SSH server say when it opens a session: one for each remote command."""
    _inside(name, f"echo LogLevel VERBOSE >{SESSIONS}; systemctl reload ssh")


def sessions(name: str) -> int:
    """Return how many sessions a host's SSH server has opened."""
    count = _inside(name, "journalctl -o cat -t sshd | grep -c '^Starting session:' || :")
    return int(count)


def disk(name: str) -> Path:
    """Return the folder, here, in which all lies that a host has written since it was made."""
    return paths.place().host(name) / "upper"


def _inside(name: str, script: str) -> str:
    # From beneath: by SSH it would be counted itself.
    command = [*ssh.inside(paths.place(), name, "root"), "sh", "-c", script]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
