"""A host that answers looks honestly, from what was put there, and runs nothing.

It knows the words of every probe, and none of the code that reads them. What a phase changes is
there as soon as that phase has run a command.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from homeport.engine.kind import DesiredState
from homeport.engine.secret_digest import fingerprint
from homeport.files.entries import Absent, Directory, Entry, File, Link
from homeport.operations.bootstrap.admin_users import AdminUser
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.operations.bootstrap.hostname import HostName
from homeport.operations.bootstrap.readers import Reader
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.sshd_lockdown import DROP_IN
from homeport.operations.bootstrap.sshd_settings import SshdLockdown
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.operations.bootstrap.zram import FILE as SWAP
from homeport.operations.bootstrap.zram import FOLDER as SWAPS
from homeport.operations.bootstrap.zram import TEXT as ZRAM
from homeport.operations.bootstrap.zram import Zram
from homeport.operations.config_files import ConfigFile
from homeport.operations.executables import Executable
from homeport.operations.git_hooks import GitHook
from homeport.operations.hostctl import program
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform, LocalPlatform
from homeport.operations.proxy.resources import Sandbox, Site
from homeport.operations.proxy.sandbox import TEXT
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, RunOnce, Service
from homeport.operations.units.resources import Unit
from homeport.operations.users.resources import ServiceUser
from homeport.operations.venvs.resources import Venv

NOTHING = DesiredState("nothing", ())
PROBES = re.compile(r"HOMEPORT (\w+) ([\w-]+) %s")
INVOCATION = "1234"


@dataclass
class Simulated:
    """A host: what each kind of resource that it has is of, and what the next look asks for."""

    wanted: DesiredState
    has: dict[str, DesiredState] = field(default_factory=dict)
    key: str = ""

    def probe(self, script: str) -> str:
        """Return what a host prints that is looked at by this script."""
        probes = PROBES.findall(script)
        found = re.search(r"^key=(\w+)$", script, re.MULTILINE)
        self.key = found[1] if found else ""
        frames = (f"{self.answer(kind)}\n\nHOMEPORT {nonce} {kind} 0\n" for nonce, kind in probes)
        body = base64.b64encode("".join(frames).encode()).decode()
        return f"HOMEPORT {probes[0][0]} {body} end"

    def answer(self, kind: str) -> str:
        """Return what one probe prints."""
        return "\n".join(ANSWERS[kind](self, self.has.get(kind, NOTHING)))


Lines = Iterator[str]
Answers = Callable[[Simulated, DesiredState], Lines]


def digest_of(content: bytes) -> str:
    """Return what sha256sum says."""
    return hashlib.sha256(content).hexdigest()


def listed(host: Simulated, had: Sequence[Entry], expected: Sequence[Entry]) -> Lines:
    """Yield what is told of paths: of those that the host has, and that are asked for."""
    wanted = {entry.path: entry for entry in expected}
    there = [entry for entry in had if not isinstance(entry, Absent)]
    if there:
        yield "kept\tversion 1"
    yield from (f"kept\t{path}" for path in sorted(entry.path for entry in there))
    for entry in there:
        match entry:
            case Directory():
                yield f"at\t{entry.path}\td\t{entry.mode}\t{entry.owner}\t{entry.group}\t"
            case Link():
                yield f"at\t{entry.path}\tl\t777\troot\troot\t{entry.target}"
            case File():
                yield f"at\t{entry.path}\tf\t{entry.mode}\t{entry.owner}\t{entry.group}\t"
                yield from _content(host, entry, wanted.get(entry.path))


def _content(host: Simulated, entry: File, wanted: Entry | None) -> Lines:
    digest = digest_of(entry.content)
    if not isinstance(wanted, File):
        return
    if wanted.secret:
        yield f"secret\t{fingerprint(host.key, digest)}  {entry.path}"
        return
    yield f"sum\t{digest}  {entry.path}"
    if digest != digest_of(wanted.content) and entry.mode not in ("400", "440", "600"):
        yield f"body\t{entry.path}\t{base64.b64encode(entry.content).decode()}"


def entries(kind: str, described: DesiredState) -> list[Entry]:
    """Return the paths that a kind of resource is about."""
    match kind:
        case "files":
            kinds = (Directory, File, Link, Absent)
            return [entry for entry in described.resources if isinstance(entry, kinds)]
        case "config-files":
            return [config.entry for config in described.of(ConfigFile)]
        case "units":
            return [File(unit.place, unit.text.encode()) for unit in described.of(Unit)]
        case "proxy":
            return [File(site.path, site.text.encode()) for site in described.of(Site)]
        case "git-hooks":
            return [hook.file for hook in described.of(GitHook)]
        case "sshd-logins":
            return [File(DROP_IN, each.text.encode()) for each in described.of(SshdLockdown)]
        case "system-services":
            return [entry for daemon in described.of(SystemService) for entry in daemon.settings]
        case _:
            has_swap = any(zram.card for zram in described.of(Zram))
            return [Directory(SWAPS), File(SWAP, ZRAM)] if has_swap else []


def grouped(kind: str, host: Simulated, had: DesiredState) -> Lines:
    """Yield what is told of the paths of one kind."""
    yield from listed(host, entries(kind, had), entries(kind, host.wanted))


def hosts(host: Simulated, had: DesiredState) -> Lines:
    """Yield the facts of a machine that is what is described."""
    for machine in host.wanted.of(HostPlatform):
        yield f"architecture {machine.architecture}"
        yield f"debian debian {machine.debian}"
    for here in host.wanted.of(LocalPlatform):
        yield "architecture amd64"
        yield "debian debian 12"
        yield f"dpkg {' '.join(f'installed:{name}' for name in here.packages)}"
    yield from ("systemd 252", "user 0", "machine m1 b1", "disk:/srv rw", "/srv 999999 9999 9999")


def packages(host: Simulated, had: DesiredState) -> Lines:
    """Yield the packages that are installed."""
    yield from (f"installed {package.name}" for package in had.of(Package))


def programs(host: Simulated, had: DesiredState) -> Lines:
    """Yield the programs that are there before anything is deployed."""
    yield from (p.name for p in host.wanted.of(Executable) if p.name in ("python3", "sh"))


def accounts(host: Simulated, had: DesiredState) -> Lines:
    """Yield the system users."""
    for account in had.of(ServiceUser):
        comment = "Application deployed by homeport"
        yield f"passwd\t{account.name}:x:999:999:{comment}:{account.home}:/usr/sbin/nologin"


def guarding(host: Simulated, had: DesiredState) -> Lines:
    """Yield what the host's own program is, and that nothing goes on."""
    if not host.wanted.of(HostProgram):
        return
    if had.of(HostProgram):
        yield from ("there", f"sums\t{program.digest()}")
    # A clock that is right: of another one a plan says so.
    yield f"now\tb1 1000.0 {int(time.time())}"


def venvs(host: Simulated, had: DesiredState) -> Lines:
    """Yield what is installed."""
    found = had.of(Venv)
    if found:
        yield "uv"
        yield from (f"wheel {wheel.sha256}" for venv in found for wheel in venv.wheels())
    for venv in found:
        site = f"./lib/python{venv.target.python}/site-packages"
        yield from (f"venv\t{venv.path}", f"python\t{venv.target.python}")
        yield from ("entry\t./pyvenv.cfg\tf\t", f"entry\t./bin/python\tl\t{venv.interpreter}")
        for pin in venv.lock.requirements:
            name = pin.name.replace("-", "_")
            yield f"entry\t{site}/{name}-{pin.version}.dist-info\td\t"
        yield "as-built"


def releases(host: Simulated, had: DesiredState) -> Lines:
    """Yield the releases that are there."""
    for release in had.of(Release):
        link = f"../../venvs/{release.venv.path.rpartition('/')[2]}"
        yield f"{release.artifact.tree_digest}  {link} {release.path}"


def configs(host: Simulated, had: DesiredState) -> Lines:
    """Yield the configuration files, and which release is current."""
    yield from grouped("config-files", host, had)
    if any(config.checker for config in host.wanted.of(ConfigFile)):
        yield f"current\t{''.join(current.release for current in had.of(CurrentLink))}"


def checks(host: Simulated, had: DesiredState) -> Lines:
    """Yield what was accepted."""
    yield from (
        f"{fingerprint(host.key, check.digest)} {check.path}" for check in had.of(ReleaseCheck)
    )


def proxy(host: Simulated, had: DesiredState) -> Lines:
    """Yield what nginx runs."""
    for _ in had.of(Sandbox):
        yield f"sandbox\t{digest_of(TEXT.encode())}"
    yield from grouped("proxy", host, had)
    if host.wanted.of(Site):
        state = "active" if had.of(Site) else "inactive"
        yield from (f"nginx\tActiveState={state}", "nginx\tUnitFileState=enabled")
    sites = {site.path: site for site in had.of(Site)}
    for number, site in enumerate(host.wanted.of(Site)):
        yield f"answers\t{number}\t{sites[site.path].digest if site.path in sites else ''}"


def hooks(host: Simulated, had: DesiredState) -> Lines:
    """Yield the hooks of git, all of them ours."""
    yield from grouped("git-hooks", host, had)
    yield from (f"ours\t{hook.path}" for hook in had.of(GitHook))


def services(host: Simulated, had: DesiredState) -> Lines:
    """Yield what runs, and what it read when it started."""
    slotted = had.of(Service) and any(service.slotted for service in had.of(Service))
    for current in had.of(CurrentLink):
        yield f"link\t{current.path}\t{current.release}"
    for current in host.wanted.of(CurrentLink):
        yield from (
            f"inode\t{place}\t7" for place in current.followed.values() if had.of(CurrentLink)
        )
    yield from (f"done\t{once.record}" for once in had.of(RunOnce))
    if slotted:
        yield "slot\ta"
        yield from (f"slot-unit\t{s.instance('a')}" for s in had.of(Service) if s.slotted)
    yield "memory\t900000\t1000000"
    running = {_unit(service): service for service in had.of(Service)}
    units = [_unit(s) for s in host.wanted.of(Service) if slotted or not s.slotted]
    units += [unit for unit in running if "@" in unit and unit not in units]
    for unit in units:
        for line in _record(host, running[unit]) if unit in running else ():
            yield f"record\t{unit}\t{line}"
    described = {service.unit for service in host.wanted.of(Service)}
    names = (unit.name for unit in host.wanted.of(Unit) if unit.name.endswith(".service"))
    units += [name for name in names if name not in described]
    for unit in units:
        state = ("active", "enabled", INVOCATION) if unit in running else ("inactive", "", "")
        properties = zip(("ActiveState", "UnitFileState", "InvocationID"), state, strict=True)
        yield from (f"Id={unit}", *(f"{name}={value}" for name, value in properties), "")


def _unit(service: Service) -> str:
    return service.instance("a") if service.slotted else service.unit


def _record(host: Simulated, service: Service) -> Lines:
    yield from (f"invocation {INVOCATION}", f"unit {service.digest}")
    if service.current is not None:
        yield f"target {service.current.release} {service.current.path}"
        yield from (f"inode 7 {link}" for link in service.current.followed)
    for file in service.reads:
        digest = fingerprint(host.key, file.sha256) if file.secret else file.sha256
        yield f"sha256 {digest} {file.path}"


def hostkeys(host: Simulated, had: DesiredState) -> Lines:
    """Yield the host's own keys."""
    yield from ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA root@shed" for _ in host.wanted.of(HostKeys))


def operators(host: Simulated, had: DesiredState) -> Lines:
    """Yield who deploys."""
    yield from (f"{o.name}:x:1000:1000::{o.home}:/bin/bash" for o in had.of(AdminUser))


def logins(host: Simulated, had: DesiredState) -> Lines:
    """Yield what lets anybody in."""
    yield from grouped("sshd-logins", host, had)
    for each in host.wanted.of(SshdLockdown):
        lines = each.effective if had.of(SshdLockdown) else ("passwordauthentication yes",)
        yield from (f"sshd\t{user}\t{line}" for user in each.users for line in lines)
        yield from (f"keys\t{user}" for user in each.allowed if had.of(SshdLockdown))


def asking(host: Simulated, had: DesiredState) -> Lines:
    """Yield who reads."""
    shell, group = "/usr/local/sbin/homeport-read", "homeport-readers"
    yield from (f"{r.name}\tyes\t1001\t{r.home}\t{shell}\t{group}" for r in had.of(Reader))


def nothing(host: Simulated, had: DesiredState) -> Lines:
    """Yield nothing: there is none."""
    return iter(())


def _file(path: str, text: str) -> str:
    return f"file\t{path}\t644 root root\t{base64.b64encode(text.encode()).decode()}"


def hostnames(host: Simulated, had: DesiredState) -> Lines:
    """Yield what the host is called."""
    name = next((each.name for each in had.of(HostName)), "raspberrypi")
    yield from (name, _file("/etc/hostname", f"{name}\n"))
    yield _file("/etc/hosts", f"127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n")


def timezones(host: Simulated, had: DesiredState) -> Lines:
    """Yield the time zone."""
    yield next((zone.name for zone in had.of(TimeZone)), "Europe/London")


def daemons(host: Simulated, had: DesiredState) -> Lines:
    """Yield the settings of daemons, and that they run."""
    yield from grouped("system-services", host, had)
    for daemon in host.wanted.of(SystemService):
        yield from (f"told\tId={daemon.unit}", "told\tActiveState=active")
        yield from ("told\tUnitFileState=enabled", "told\t")


def mounts(host: Simulated, had: DesiredState) -> Lines:
    """Yield how the root file system is mounted."""
    options = "rw,noatime" if had.of(NoatimeRoot) else "rw,relatime"
    yield from ("devices\tmmcblk0p2 mmcblk0 ", f"options\t{options}")
    yield _file("/etc/fstab", f"PARTUUID=1-2 / ext4 {options.removeprefix('rw,')} 0 1\n")


def swaps(host: Simulated, had: DesiredState) -> Lines:
    """Yield what there is of zram."""
    yield from grouped("zram", host, had)
    yield from ("devices\tmmcblk0p2 mmcblk0 ", "zram\tpossible")
    if any(zram.card for zram in had.of(Zram)):
        yield from ("zram\ton", "zram\tpackage")


ANSWERS: Mapping[str, Answers] = {
    "platform": hosts,
    "packages": packages,
    "executables": programs,
    "users": accounts,
    "hostctl": guarding,
    "files": partial(grouped, "files"),
    "venvs": venvs,
    "releases": releases,
    "config-files": configs,
    "release-check": checks,
    "units": partial(grouped, "units"),
    "proxy": proxy,
    "git-hooks": hooks,
    "services": services,
    "host-keys": hostkeys,
    "admin-users": operators,
    "readers": asking,
    "sshd-logins": logins,
    "ssh-sessions": nothing,
    "hostname": hostnames,
    "timezone": timezones,
    "system-services": daemons,
    "root-mount": mounts,
    "zram": swaps,
}


def whole(described: DesiredState, kinds: Iterable[str]) -> dict[str, DesiredState]:
    """Return what a host has that is as described."""
    return dict.fromkeys(kinds, described)
