"""The options of ssh(1) for a host, and what ssh makes of them and of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeport.openssh import process

ALWAYS = (
    "BatchMode=yes",
    # Below INFO, ssh doesn't print the reason that a server gives for hanging up.
    "LogLevel=INFO",
    # A user's settings for a terminal session would change what a command reads and prints.
    "RequestTTY=no",
    "RemoteCommand=none",
    "SessionType=default",
    "StdinNull=no",
    "ForkAfterAuthentication=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
)
"""Options that a command needs, whatever ssh_config says."""
APART = ("-o", "ControlPath=none", "-o", "ControlMaster=no")
"""Options of a login that no other command shares."""
SECONDS = 30.0
"""Seconds that ssh may take: its configuration may run commands (``Match exec``)."""
ALIVE = 3
"""Questions that go unanswered until a host counts as gone (ssh_config(5))."""


class SshConfigError(Exception):
    """ssh can't make sense of its configuration, or of a host's name."""


def where(name: str, data: Mapping[str, Any]) -> str:
    """Return what ssh is to connect to: host data decide, or the name in the inventory."""
    return str(data.get("ssh_hostname") or name.partition("/")[2] or name)


def of_host(data: Mapping[str, Any], connect_timeout: float) -> list[str]:
    """Return the options by which ssh reaches a host; what isn't named is left to ssh_config."""
    seconds = max(1, round(connect_timeout))
    options = ["-o", f"ConnectTimeout={seconds}"]
    if keepalive := data.get("ssh_keepalive"):
        options += ["-o", f"ServerAliveInterval={keepalive}", "-o", f"ServerAliveCountMax={ALIVE}"]
    if file := data.get("ssh_config_file"):
        options += ["-F", _home(file)]
    if port := data.get("ssh_port"):
        options += ["-p", str(port)]
    if user := data.get("ssh_user"):
        options += ["-l", str(user)]
    if key := data.get("ssh_key"):
        options += ["-i", _home(key), "-o", "IdentitiesOnly=yes"]
    if known := data.get("ssh_known_hosts_file"):
        # In quotes, for ssh takes a blank for the end of a name.
        options += ["-o", f'UserKnownHostsFile="{_home(known)}"']
    if strict := data.get("ssh_strict_host_key_checking"):
        options += ["-o", f"StrictHostKeyChecking={strict}"]
    if data.get("ssh_forward_agent"):
        options += ["-A"]
    return options


def settings(target: str, options: list[str]) -> dict[str, list[str]]:
    """Return what ``ssh -G`` prints of a host: the values of each option, by its name.

    Raises ``SshConfigError`` with what ssh says of a configuration that it can't read.
    """
    return _settings(target, tuple(options))


@cache
def _settings(target: str, options: tuple[str, ...]) -> dict[str, list[str]]:
    # Once a run: it is asked for before the login, and for it.
    command = ["ssh", "-G", *options, "--", target]
    ended, output, errors = process.captured(command, SECONDS)
    if ended.code != 0:
        lines = errors.decode(errors="replace").strip().splitlines()
        raise SshConfigError("; ".join(lines[-2:]) or "ssh gives no reason")
    found: dict[str, list[str]] = {}
    for line in output.decode(errors="surrogateescape").splitlines():
        name, _, value = line.partition(" ")
        found.setdefault(name, []).append(value)
    return found


def plain(options: list[str]) -> list[str]:
    """Return the options with those that every command needs, which come first and win."""
    return [word for option in ALWAYS for word in ("-o", option)] + options


def _home(path: object) -> str:
    return str(Path(str(path)).expanduser())
