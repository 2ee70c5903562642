"""The settings of sshd on a closed host: sshd_config(5) has their words."""

from __future__ import annotations

from dataclasses import dataclass

ALWAYS = {
    "PermitRootLogin": "no",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "MaxAuthTries": "4",
    # sshd asks through the encrypted channel: TCP's own question can be forged, and is not needed.
    "ClientAliveInterval": "30",
    "ClientAliveCountMax": "2",
    "TCPKeepAlive": "no",
    "Compression": "no",
    "AllowAgentForwarding": "no",
    "AllowStreamLocalForwarding": "no",
    "X11Forwarding": "no",
    "PermitTunnel": "no",
    "PermitListen": "none",
    "LogLevel": "VERBOSE",
}
"""What goes for every host. MaxSessions stays as it is: one login serves all commands of a run."""
WEAK = {
    "KexAlgorithms": (
        *("ecdh-sha2-nistp*", "diffie-hellman-group1-*"),
        *("diffie-hellman-group14-*", "diffie-hellman-group-exchange-*"),
    ),
    "MACs": (
        *("hmac-sha1*", "hmac-md5*", "umac-64*"),
        *("hmac-sha2-256", "hmac-sha2-512", "umac-128@openssh.com"),
    ),
}
"""Patterns of what sshd offers no longer, of all that it offers by itself.

OpenSSH since 8.4 and paramiko have better ones. Host keys stay: a known_hosts may have any of them.
"""
HEAD = "# Written by homeport; a change made here is put back by the next bootstrap."


@dataclass(frozen=True)
class SshdLockdown:
    """Logins by key alone, and of these accounts alone.

    + users: accounts that sshd is asked about one by one, for it can tell them apart
    + allowed: accounts that may log in; all others are shut out
    + denied: accounts with keys that are shut out on purpose
    + permit_open: where a login may forward TCP connections to, each HOST:PORT
    + host_owns: names of ``WEAK``, in small letters, that a file of the host sets: its value stays
    """

    users: tuple[str, ...]
    confirm_timeout: int
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    permit_open: tuple[str, ...] = ()
    host_owns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name in plans and reports."""
        return "sshd"

    @property
    def settings(self) -> dict[str, str]:
        """The settings, by their names."""
        forwarding = {
            "AllowTcpForwarding": "local" if self.permit_open else "no",
            "PermitOpen": " ".join(self.permit_open) or "none",
        }
        allowed = {"AllowUsers": " ".join(self.allowed)} if self.allowed else {}
        return {**ALWAYS, **forwarding, **allowed}

    @property
    def text(self) -> str:
        """The file with the settings."""
        lines = [f"{name} {value}" for name, value in self.settings.items()]
        for name, patterns in WEAK.items():
            if name.lower() not in self.host_owns:
                lines.append(f"{name} -{','.join(patterns)}")
        return "\n".join((HEAD, *lines, ""))

    @property
    def effective(self) -> tuple[str, ...]:
        """The lines that ``sshd -T`` must print for these settings, in the order of their bytes."""
        lines = {name.lower(): value for name, value in self.settings.items()}
        lines.pop("allowusers", None)
        return tuple(
            sorted(
                (
                    *(f"{name} {value}" for name, value in lines.items()),
                    *(f"allowusers {user}" for user in self.allowed),
                )
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the settings, as ``sshd -T`` prints them; each is one of these alone."""
        return (*map(str.lower, ALWAYS), "allowtcpforwarding", "permitopen", "allowusers")
