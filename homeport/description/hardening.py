"""The sandbox of a service: systemd.exec(5), as far as ordinary Python applications go.

``PrivateUsers``, ``PrivateNetwork``, ``PrivateIPC`` and credentials are left out on purpose: they
keep a unit from starting where the kernel is emulated, and exposure stays under 2.0 without them.
"""

from __future__ import annotations

from collections.abc import Collection

DIRECTIVES = (
    "NoNewPrivileges=true",
    "ProtectSystem=strict",
    "ProtectHome=true",
    "PrivateTmp=true",
    "PrivateDevices=true",
    "DevicePolicy=closed",
    "ProtectKernelTunables=true",
    "ProtectKernelModules=true",
    "ProtectKernelLogs=true",
    "ProtectControlGroups=true",
    "ProtectClock=true",
    "ProtectHostname=true",
    "ProtectProc=invisible",
    "ProcSubset=pid",
    "RestrictNamespaces=true",
    "RestrictRealtime=true",
    "RestrictSUIDSGID=true",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "LockPersonality=true",
    "MemoryDenyWriteExecute=true",
    "RemoveIPC=true",
    "KeyringMode=private",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "SystemCallArchitectures=native",
    # A server that listens on a socket of its own gives it to its group: chown(2) is privileged
    # in systemd's sets, and is of no use to a process without capabilities.
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
    "SystemCallFilter=@chown",
    "SystemCallErrorNumber=EPERM",
    "UMask=0077",
)

# What asks a process whether it lives runs as root. root may
# restart a unit without a capability; a socket of the service user is opened by CAP_DAC_OVERRIDE.
# The id of the boot is in /proc/sys.
_OWN = {"ProcSubset", "CapabilityBoundingSet", "RemoveIPC"}
WATCHER = (
    *(line for line in DIRECTIVES if line.partition("=")[0] not in _OWN),
    "CapabilityBoundingSet=CAP_DAC_OVERRIDE",
    "IPAddressAllow=localhost",
    "IPAddressDeny=any",
)


def lines(relax: Collection[str]) -> list[str]:
    """Return the directives of a unit, without those that its process can't live with."""
    return [line for line in DIRECTIVES if line.partition("=")[0] not in relax]
