"""Sessions over SSH: each that is open was opened by a key that may still log in."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.ssh_sessions import KeyLogins


def question(description: DesiredState) -> str:
    """Return the shell that prints the account and the key of each session that is open."""
    if not description.of(KeyLogins):
        return ":"
    return r"""
for pid in $(ps -eo pid=,args= | sed -nE 's/^ *([0-9]+) sshd(-session)?: [^ ]+ \[priv\].*/\1/p'); do
  journalctl -q -b -o cat _PID="$pid" | grep -v -- -CERT | tail -n 1 |
    sed -nE 's/^Accepted publickey for ([^ ]+) from .* (SHA256:[^ ]+).*/session \1 \2/p'
done
"""


def faults(logins: KeyLogins, answer: str) -> list[str]:
    """Return which sessions are open that may not be."""
    lines = [line.split(" ") for line in answer.splitlines()]
    return [
        f"a session is open that {key} opened, which may log in no more"
        for user, key in (line[1:] for line in lines)
        if user == logins.user and key not in logins.keys
    ]
