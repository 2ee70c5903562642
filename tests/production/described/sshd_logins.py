"""Logins: what sshd's settings say, and what the daemon that runs really offers."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.sshd_logins import SshdLockdown

QUIET = "-o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
NEVER = {"password", "keyboard-interactive"}


def question(description: DesiredState) -> str:
    """Return the shell that prints settings, the ways in, and whether a revert is still armed."""
    users = [quote(user) for logins in description.of(SshdLockdown) for user in logins.users]
    if not users:
        return ":"
    return f"""\
sshd -T | grep -E '^(permitrootlogin|passwordauthentication|kbdinteractiveauthentication) '
port=$(sshd -T | sed -n 's/^port //p' | head -n 1)
for user in {" ".join(users)}; do
  ssh -F none -p "$port" {QUIET} -o PreferredAuthentications=none "$user@127.0.0.1" true 2>&1 |
    sed -n "s/.*Permission denied (\\(.*\\)).*/offers $user \\1/p"
done
systemctl list-timers --all --no-legend | sed -n 's/.*\\(homeport-logins\\.timer\\).*/armed \\1/p'
"""


def faults(logins: SshdLockdown, answer: str) -> list[str]:
    """Return which ways in are open, and whether the host is about to open again."""
    lines = [line.split(" ") for line in answer.splitlines()]
    found = [f"sshd has {' '.join(line)}" for line in lines if line[1:] == ["yes"]]
    if ["permitrootlogin", "no"] not in lines:
        found.append("sshd lets root in")
    offers = {user: ways.split(",") for what, user, ways in (x for x in lines if len(x) == 3)}
    for user in logins.users:
        if user not in offers:
            found.append(f"sshd does not say what it takes from {user}")
        elif taken := sorted(NEVER & set(offers[user])):
            found.append(f"it takes {' and '.join(taken)} from {user}")
    if any(line[0] == "armed" for line in lines):
        found.append("the closing is not confirmed: it is about to open again")
    return found
