"""Host keys: those that are pinned on this machine, and no others."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.ssh.known_hosts import fingerprint


def question(description: DesiredState) -> str:
    """Return the shell that prints the fingerprints of the host's keys."""
    return """\
for key in /etc/ssh/ssh_host_*_key.pub; do
  if [ -f "$key" ]; then ssh-keygen -lf "$key"; fi
done
"""


def faults(host: HostKeys, answer: str) -> list[str]:
    """Return what is pinned and isn't there, and what is there and isn't pinned."""
    there = {line.split(" ")[1] for line in answer.splitlines()}
    pinned = {fingerprint(key) for key in host.pinned}
    found = [f"{key} is pinned, and not the host's" for key in sorted(pinned - there)]
    return found + [f"its key {key} is not pinned" for key in sorted(there - pinned)]
