"""Logins: what sshd's settings say, what the daemon that runs really offers, and to whom."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.sshd_settings import SshdLockdown

QUIET = "-o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
NEVER = {"password", "keyboard-interactive"}
SHUT = {
    **dict.fromkeys(("permitrootlogin", "passwordauthentication", "permittunnel"), "no"),
    **dict.fromkeys(("kbdinteractiveauthentication", "x11forwarding"), "no"),
    **dict.fromkeys(("allowagentforwarding", "allowstreamlocalforwarding"), "no"),
    **{"permitlisten": "none", "loglevel": "VERBOSE", "tcpkeepalive": "no", "compression": "no"},
}
WEAK = {
    "KexAlgorithms": "ecdh-sha2-nistp256,diffie-hellman-group14-sha256",
    "MACs": "hmac-sha1,umac-64@openssh.com,hmac-sha2-256",
}
"""What a client can ask for that sshd must not take; MACs count where the cipher has none."""
AT_MOST = {"maxauthtries": 4, "clientaliveinterval": 60, "clientalivecountmax": 2}


def question(description: DesiredState) -> str:
    """Return the shell that prints settings, the ways in, keys, and whether a revert is armed."""
    users = [quote(user) for logins in description.of(SshdLockdown) for user in logins.users]
    if not users:
        return ":"
    return f"""\
sshd -T
port=$(sshd -T | sed -n 's/^port //p' | head -n 1)
for user in {" ".join(users)}; do
  ssh -F none -p "$port" {QUIET} -o PreferredAuthentications=none "$user@127.0.0.1" true 2>&1 |
    sed -n "s/.*Permission denied (\\(.*\\)).*/offers $user \\1/p"
done
for weak in {" ".join(f"{name}={value}" for name, value in WEAK.items())}; do
  ssh -F none -p "$port" {QUIET} -o "$weak" -o Ciphers=aes128-ctr \\
    -o PreferredAuthentications=none root@127.0.0.1 true 2>&1 |
    grep -q 'no matching' || echo "takes ${{weak%%=*}}"
  if grep -qisE "^[[:space:]]*${{weak%%=*}}[[:space:]=]" /etc/ssh/sshd_config \\
    $(find /etc/ssh/sshd_config.d -name '*.conf' ! -name 00-homeport.conf)
  then echo "own ${{weak%%=*}}"; fi
done
find /home /root -maxdepth 3 -path '*/.ssh/authorized_keys*' -size +0 -printf 'keys %u\\n'
find /etc/ssh -maxdepth 2 ! -type l '(' ! -user root -o -perm /022 ')' -printf 'open %p\\n'
systemctl list-timers --all --no-legend | sed -n 's/.*\\(homeport-logins\\.timer\\).*/armed \\1/p'
"""


def faults(logins: SshdLockdown, answer: str) -> list[str]:
    """Return which ways in are open, and whether the host is about to open again."""
    lines = [line.split(" ") for line in answer.splitlines()]
    values = {line[0]: " ".join(line[1:]) for line in lines}
    found = [
        f"sshd has {name} {values.get(name)}, not {value}"
        for name, value in SHUT.items()
        if values.get(name) != value
    ]
    for name, most in AT_MOST.items():
        if not 0 < int(values.get(name, 0)) <= most:
            found.append(f"sshd has {name} {values.get(name)}, not {most} or less")
    if values.get("permitopen") != (" ".join(logins.permit_open) or "none"):
        found.append(f"sshd forwards to {values.get('permitopen')}")
    if not logins.permit_open and values.get("allowtcpforwarding") != "no":
        found.append("sshd forwards TCP connections")
    own = {line[1] for line in lines if line[0] == "own"}
    takes = [line[1] for line in lines if line[0] == "takes" and line[1] not in own]
    found += [f"sshd takes weak {name}" for name in takes]
    found += _accounts(logins, lines)
    found += [f"others may write {line[1]}" for line in lines if line[0] == "open"]
    if any(line[0] == "armed" for line in lines):
        found.append("the closing is not confirmed: it is about to open again")
    return found


def _accounts(logins: SshdLockdown, lines: list[list[str]]) -> list[str]:
    found = []
    allowed = {line[1] for line in lines if line[0] == "allowusers"}
    if allowed != set(logins.allowed):
        found.append(f"sshd lets in {', '.join(sorted(allowed)) or 'everybody'}")
    known = {"root", *logins.allowed, *logins.denied}
    for user in sorted({line[1] for line in lines if line[0] == "keys"} - known):
        found.append(f"{user} has keys, and no description names it")
    offers = {line[1]: line[2].split(",") for line in lines if line[0] == "offers"}
    for user in logins.users:
        if user not in offers:
            found.append(f"sshd does not say what it takes from {user}")
        elif taken := sorted(NEVER & set(offers[user])):
            found.append(f"it takes {' and '.join(taken)} from {user}")
    return found
