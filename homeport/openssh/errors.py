"""The reason that ssh fails, in one line: what it printed, and the fix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from shlex import quote

from homeport.hostctl.plain_text import one_line

LONGEST = 300
"""Characters of what ssh printed in a line of ours: the fix follows them."""
NOISE = re.compile(r"^@+$|^@ .* @$|^\*\* |^mux_client|^Warning: Permanently added|^\s*$")

SYMPTOMS: tuple[tuple[str, str, str], ...] = (
    (
        "Could not resolve hostname|nodename nor servname|hostname contains invalid",
        "there is no address for {machine}",
        "correct its name in the inventory, set ssh_hostname, or see `getent hosts {machine}`",
    ),
    (
        "timed out|No route to host|Network is unreachable|Host is down|took longer than",
        "it does not answer at {machine}",
        "check that it is on, and on this network: `ping -c 3 {machine}`",
    ),
    (
        "its question had no answer",
        "its login asked, and had no answer in time",
        "answer it, or add the key to an agent (`ssh-add`), which answers for you",
    ),
    (
        "Connection refused|Unable to connect to port",
        "nothing listens on port {port} of {machine}",
        "start its SSH server (`systemctl start ssh`, at its own keyboard), or set ssh_port",
    ),
    (
        "REVOKED HOST KEY|is marked as revoked",
        "its host key is revoked in known_hosts",
        "don't log in: give the host new keys, at its own keyboard",
    ),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed"
        "|host key .* differs|IP address .* differs|Host key for .* does not match",
        "its host key has changed: it is another machine, or was reinstalled",
        "compare its fingerprint (`ssh-keyscan -p {port} {machine} | ssh-keygen -lf -`) with the "
        "one that it shows at its own keyboard; only if they are one, run "
        "`ssh-keygen -R {entry}{known_hosts}`, then log in once: `{ssh}`",
    ),
    (
        "Host key verification failed|No .* host key is known|No host key for .* found"
        "|EOF when reading",
        "its host key is not known here",
        "log in once, and compare the fingerprint that you are shown: `{ssh}`",
    ),
    (
        "Your password has expired|password change required|Password change required"
        "|You are required to change your password|account .* has expired",
        "the password of {user} has expired",
        "log in once, and change it: `{ssh}`",
    ),
    (
        "No such private key file|Private key file|Invalid private key|Load key .*: |invalid format"
        "|bad permissions|Identity file .* not accessible",
        "the login key can't be used: {output}",
        "set ssh_key to a key that `ssh-keygen -y -f KEY` can read, and that you alone may read",
    ),
    (
        "administratively prohibited|stdio forwarding failed",
        "a jump host does not forward to {machine}",
        "name {machine}:{port} in permit_open of the jump host, then bootstrap that one",
    ),
    (
        "Too many authentication failures",
        "it refuses the key of {user}: too many others are offered before",
        "set ssh_key to the key that opens it; no other is offered then",
    ),
    (
        "Permission denied \\(.*password",
        "it refuses the key of {user}, and the password if one is set",
        "install the key with `ssh-copy-id -p {port} {login}`, or set ssh_user and ssh_key",
    ),
    (
        "Permission denied|no mutual signature"
        "|Authentication error|No authentication methods available|No existing session",
        "it refuses the key of {user}",
        "install the key with `ssh-copy-id -p {port} {login}`, or set ssh_user and ssh_key",
    ),
    (
        "Bad configuration option|line \\d+: |Missing argument|garbage at end of line",
        "ssh can't read its configuration: {output}",
        "correct that line; `ssh -G {target}` shows when it is right",
    ),
    (
        "Unable to negotiate",
        "it speaks no algorithm that this ssh accepts: {output}",
        "see what `{ssh}` says, and upgrade the older of the two",
    ),
    (
        "kex_exchange_identification|banner exchange|Connection reset|Connection closed by"
        "|protocol banner|EOF error",
        "what listens on port {port} of {machine} hangs up before a login",
        "set ssh_port if that is no SSH server; else it turns new logins away: try again in a "
        "minute, or see `{ssh}`",
    ),
)
OTHER = ("it can't be reached: {output}", "see what `{ssh}` says")
TURNED_AWAY = re.compile(
    "kex_exchange_identification|(?<!timed out during )banner exchange"
    "|Connection reset|Connection closed by"
)
"""What ssh says where a server, or a firewall, takes no login at this moment (``MaxStartups``)."""
TRANSIENT = re.compile(
    f"{TURNED_AWAY.pattern}|Connection refused|timed out|No route to host|Network is unreachable"
)
"""What ssh says where the next try may succeed: a firewall counts logins, a server starts anew."""
REFUSED = re.compile(r"Permission denied \(")
HOST_KEY = re.compile("REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed")


class HostError(Exception):
    """A host can't be reached, or doesn't answer; the message is one line with its fix."""

    @classmethod
    def of(cls, error: Exception) -> HostError:
        """Return the error of a host whose answer makes our own code fail."""
        if isinstance(error, HostError):
            return error
        what = one_line(f"{type(error).__name__}: {error}", 200)
        return cls(f"it answers what can't be read ({what}). Fix: see what the host runs.")


@dataclass(frozen=True)
class Way:
    """The way to a host, as ssh has it, for messages.

    + target: what ssh connects to
    + machine, port, user: what that comes to
    + config: a configuration file of host data
    + known_hosts: a known_hosts file of host data
    + alias: the name that known_hosts has for it (``HostKeyAlias``)
    """

    target: str
    machine: str
    port: str = "22"
    user: str = ""
    config: str = ""
    known_hosts: str = ""
    alias: str = ""

    def words(self, output: str) -> dict[str, str]:
        """Return what messages have in their places."""
        named = self.target if self.config else self.login
        port = "" if self.config or self.port == "22" else f"-p {self.port} "
        config = f"-F {quote(self.config)} " if self.config else ""
        return {
            "output": output,
            "target": self.target,
            "machine": self.machine,
            "port": self.port,
            "user": self.user or "this account",
            "login": self.login,
            "ssh": f"ssh {config}{port}{quote(named)}",
            "entry": quote(self.entry),
            "known_hosts": f" -f {quote(self.known_hosts)}" if self.known_hosts else "",
        }

    @property
    def entry(self) -> str:
        """The name that known_hosts has for it (sshd(8))."""
        if self.alias:
            return self.alias
        return self.machine if self.port == "22" else f"[{self.machine}]:{self.port}"

    @property
    def login(self) -> str:
        """User and machine, as ssh takes them."""
        return f"{self.user}@{self.machine}" if self.user else self.machine


def is_changed(message: str) -> bool:
    """Return whether a line of ``explain`` says that a host shows another key than is pinned."""
    return message.startswith("its host key has changed")


def is_denied(message: str) -> bool:
    """Return whether a line of ``explain`` says that a host refuses the user."""
    return message.startswith("it refuses the key of ")


def is_refused(output: str) -> bool:
    """Return whether ssh says that a host, whose key is good, refuses the user's login."""
    return bool(REFUSED.search(output)) and not HOST_KEY.search(output)


def explain(output: str, way: Way) -> str:
    """Return one line: the cause of what ssh said, and the fix."""
    lines = [text.strip() for text in output.splitlines() if not NOISE.match(text.strip())]
    short = one_line("; ".join(lines[-2:]), LONGEST) or "ssh gives no reason"
    words = way.words(short.rstrip("."))
    what, fix = next((each[1:] for each in SYMPTOMS if re.search(each[0], output)), OTHER)
    return f"{what.format(**words)}. Fix: {fix.format(**words)}."
