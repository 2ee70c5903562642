"""The sandbox of nginx: a drop-in for its unit, which also has it started again when it dies.

nginx serves sites of others as well. What they use, and the sandbox closes, is searched for in
nginx's own configuration; there is no sandbox then, and the plan says why. So it is where nginx
refuses its configuration inside, or a site answers otherwise than before: it is taken away again.

It leaves with the last site that an application here has. nginx isn't restarted for that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from shlex import quote
from typing import NamedTuple

from pyinfra.api.command import StringCommand

from homeport.engine.host_programs import host_program
from homeport.engine.kind import Action, Change, Reason, SnapshotContext, Target
from homeport.engine.secret_digest import sha256
from homeport.hostctl.protocol import NGINX_DROP_IN, NGINX_UNHARDENED, UNITS
from homeport.operations.proxy.resources import FOLDER, NAME, Sandbox, SandboxRemoval

READ_ONLY = "home|root|usr|etc|boot|efi"
CLOSES = (
    # Directives that write, and where nothing may be written any more.
    rf"(access_log|error_log|[a-z_]+_(path|store)|dav_methods|pid|lock_file)\s+[\"']?/({READ_ONLY})/",
    r"(dav_methods|[a-z]+_store)\s+([^o]|o[^f])",
    r"proxy_bind\s.*\stransparent",
    r"passenger_[a-z_]+\s",
)
"""Directives of a configuration that the sandbox would break, as extended regular expressions."""
CAPABILITIES = " ".join(
    f"CAP_{name}"
    for name in (
        *("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID"),
        *("KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"),
    )
)
"""On one line: for systemd-run(1) the last of several lines counts alone."""
TEXT = f"""\
# Written by homeport; a change made here is put back by the next deploy.
[Unit]
StartLimitIntervalSec=300
StartLimitBurst=60
[Service]
Restart=on-failure
RestartSec=1
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=read-only
PrivateDevices=yes
PrivateMounts=yes
DevicePolicy=closed
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount
SystemCallFilter=~@obsolete @raw-io @reboot @resources @swap
SystemCallFilter=sched_setaffinity
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
CapabilityBoundingSet={CAPABILITIES}
"""


class SandboxState(NamedTuple):
    """The digest of the drop-in that a host has, and why it has none.

    + hindrances: what other sites use that it would close
    + reason: why it was taken away again
    + sites: the files of all applications' sites, where it was asked who still needs it
    """

    digest: str = ""
    hindrances: tuple[str, ...] = ()
    reason: str = ""
    sites: tuple[str, ...] = ()


NONE = SandboxState()


class Why(Reason):
    """The reasons why nginx is to get its sandbox, or to lose it."""

    NEW = "restarted when it dies, in a sandbox; nginx restarts once now: requests are cut"
    NO_SITE = "no application here has a site; nginx is without it from its next start on"
    OTHER = "another sandbox is there; nginx restarts once now: requests are cut"


def probe() -> str:
    """Return the shell that prints what a host has of the sandbox."""
    patterns = " ".join(f"-e {quote(f'^[[:space:]]*{pattern}')}" for pattern in CLOSES)
    return f"""\
told=
if [ -f {NGINX_DROP_IN} ]; then told=$(sha256sum {NGINX_DROP_IN}); fi
printf 'sandbox\\t%s\\n' "${{told%% *}}"
if [ "${{told%% *}}" != {sha256(TEXT.encode())} ]; then
  if [ -f {NGINX_UNHARDENED} ]; then
    printf 'unhardened\\t'; head -c 500 {NGINX_UNHARDENED} | tr -cd '[:print:]'; echo
  fi
  if command -v nginx >/dev/null; then
    nginx -T 2>/dev/null </dev/null | sed 's/^[[:space:]]*#.*//;s/[;{{}}]/\\n/g' \\
      | grep -E {patterns} | head -n 5 | tr -cd '[:print:]\\n' | sed 's/^ */hinders\\t/' || :
  fi
fi
"""


def probe_leaving() -> str:
    """Return the shell that prints whether a host has the sandbox, and for which sites."""
    return f"""\
if [ -f {NGINX_DROP_IN} ]; then
  printf 'sandbox\\tthere\\n'
  [ ! -d {FOLDER} ] || find {FOLDER} -maxdepth 1 -name 'homeport-*.conf' -printf 'needs\\t%p\\n'
fi
"""


def parse(values: dict[str, list[str]]) -> SandboxState:
    """Return what was found, by the words that the lines begin with."""
    (digest,) = values["sandbox"] or [""]
    hindrances = tuple(line[:120] for line in values["hinders"])
    reason, sites = " ".join(values["unhardened"]), tuple(values["needs"])
    return SandboxState(digest, hindrances, reason, sites)


def diff(actual: SandboxState) -> Iterator[Change[Sandbox]]:
    """Yield the change that gives nginx its sandbox, unless something hinders it."""
    if actual.digest == sha256(TEXT.encode()) or actual.hindrances or actual.reason:
        return
    because = Why.OTHER() if actual.digest else Why.NEW()
    shown = tuple(f"+{line}" for line in TEXT.splitlines())
    action: Action = "change" if actual.digest else "add"
    yield Change(action, Target(NAME, NGINX_DROP_IN), (because,), Sandbox(), shown)


def leaving(actual: SandboxState, own: Collection[str]) -> Iterator[Change[SandboxRemoval]]:
    """Yield the change that takes the sandbox away, unless a site of others needs it.

    + own: the files of sites that are about to leave
    """
    if actual.digest and not set(actual.sites) - set(own):
        target = Target(NAME, NGINX_DROP_IN)
        yield Change("remove", target, (Why.NO_SITE(),), SandboxRemoval())


def notes(actual: SandboxState) -> Sequence[str]:
    """Return why a host has no sandbox, for its plan."""
    if actual.digest == sha256(TEXT.encode()):
        return []
    if actual.hindrances:
        return [f"nginx has no sandbox: another site has {each!r}" for each in actual.hindrances]
    if actual.reason:
        again = f"to try again: rm {NGINX_UNHARDENED}"
        return [f"nginx has no sandbox: {actual.reason} ({again})"]
    return []


def put() -> StringCommand:
    """Return the command that gives nginx its sandbox, unless a site is worse for it."""
    script = host_program("harden-nginx").decode()
    return StringCommand(f"/usr/bin/python3 -I -B -c {quote(script)} {quote(TEXT)}")


def remove(app: str, snapshot_context: SnapshotContext) -> StringCommand:
    """Return the command that takes the sandbox away from the next start of nginx."""
    folder = NGINX_DROP_IN.rpartition("/")[0]
    script = f"""\
set -eu
{snapshot_context.keep(app, [NGINX_DROP_IN])}
rm -f {NGINX_DROP_IN} {NGINX_UNHARDENED}
rmdir --ignore-fail-on-non-empty {folder}
if [ -d {folder} ]; then sync {folder}; fi
sync {UNITS}
systemctl daemon-reload"""
    return StringCommand(script)
