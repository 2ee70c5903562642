"""One kind of resource, one file: the question to the host, and what is wrong with its answer.

The questions are put to ordinary tools, and never to the project's own probes: an eye can't check
itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeport.engine.kind import DesiredState
from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations.bootstrap.admin_users import AdminUser
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.operations.bootstrap.hostname import HostName
from homeport.operations.bootstrap.readers import Reader
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.ssh_sessions import KeyLogins
from homeport.operations.bootstrap.sshd_settings import SshdLockdown
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.operations.bootstrap.zram import Zram
from homeport.operations.config_files import ConfigFile
from homeport.operations.executables import Executable
from homeport.operations.git_hooks import GitHook
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform, LocalPlatform
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.resources import Sandbox, Site
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, RunOnce, Service
from homeport.operations.units.resources import Unit
from homeport.operations.units.slot_units import SlotUnit
from homeport.operations.users.resources import ServiceUser
from homeport.operations.venvs.resources import Venv
from tests.production.described import (
    admin_users,
    config_files,
    disk_wear,
    executables,
    host_keys,
    hostctl,
    hostname,
    packages,
    paths,
    platform,
    proxy,
    readers,
    release_check,
    releases,
    run_once,
    services,
    ssh_sessions,
    sshd_logins,
    system_services,
    timezone,
    users,
    venvs,
)


@dataclass(frozen=True)
class Proof:
    """How one side of a resource is proven.

    + question: the name under which ``QUESTIONS`` has the shell to run
    + faults: pure; says what is wrong with a resource, given the answer
    """

    question: str
    faults: Callable[[Any, str], list[str]]


QUESTIONS: dict[str, Callable[[DesiredState], str]] = {
    "machines": platform.question,
    "brought": platform.brought,
    "packages": packages.question,
    "accounts": users.question,
    "guards": hostctl.question,
    "paths": paths.question,
    "programs": executables.question,
    "releases": releases.question,
    "config-files": config_files.question,
    "checks": release_check.question,
    "initialisations": run_once.question,
    "venvs": venvs.question,
    "services": services.question,
    "proxy": proxy.question,
    "hostkeys": host_keys.question,
    "operators": admin_users.question,
    "readers": readers.question,
    "sshd-logins": sshd_logins.question,
    "ssh-sessions": ssh_sessions.question,
    "hostnames": hostname.question,
    "timezones": timezone.question,
    "system-services": system_services.question,
    "cards": disk_wear.question,
}
AT_PATH = (Proof("paths", paths.faults),)
PROOFS: dict[type, tuple[Proof, ...]] = {
    HostPlatform: (Proof("machines", platform.faults),),
    LocalPlatform: (Proof("brought", platform.lacks),),
    Package: (Proof("packages", packages.faults),),
    ServiceUser: (Proof("accounts", users.faults),),
    HostProgram: (Proof("guards", hostctl.faults),),
    Directory: AT_PATH,
    File: AT_PATH,
    Link: AT_PATH,
    Absent: AT_PATH,
    CurrentLink: AT_PATH,
    GitHook: (Proof("paths", paths.hook_faults),),
    Venv: (Proof("venvs", venvs.faults),),
    Executable: (Proof("programs", executables.faults),),
    Release: (Proof("releases", releases.faults),),
    Unit: (Proof("paths", paths.unit_faults), Proof("services", services.unit_faults)),
    SlotUnit: (Proof("paths", paths.unit_faults), Proof("services", services.slot_unit_faults)),
    ReleaseCheck: (Proof("checks", release_check.faults),),
    ConfigFile: (Proof("config-files", config_files.faults),),
    RunOnce: (Proof("initialisations", run_once.faults),),
    Service: (Proof("services", services.faults),),
    Site: (Proof("paths", paths.site_faults), Proof("proxy", proxy.faults)),
    Sandbox: (Proof("proxy", proxy.sandbox_faults),),
    Certificate: (Proof("proxy", proxy.certificate_faults),),
    HostKeys: (Proof("hostkeys", host_keys.faults),),
    AdminUser: (Proof("operators", admin_users.faults),),
    Reader: (Proof("readers", readers.faults),),
    SshdLockdown: (Proof("sshd-logins", sshd_logins.faults),),
    KeyLogins: (Proof("ssh-sessions", ssh_sessions.faults),),
    HostName: (Proof("hostnames", hostname.faults),),
    TimeZone: (Proof("timezones", timezone.faults),),
    SystemService: (
        Proof("paths", paths.daemon_faults),
        Proof("system-services", system_services.faults),
    ),
    NoatimeRoot: (Proof("cards", disk_wear.root_faults),),
    Zram: (Proof("cards", disk_wear.swap_faults),),
}


def faults(resource: object, answer: Callable[[str], str]) -> list[str]:
    """Return what is wrong with a resource, given the answer to each question."""
    proofs = PROOFS.get(type(resource))
    if proofs is None:
        return [f"{type(resource).__name__} has no proof"]
    return [fault for proof in proofs for fault in proof.faults(resource, answer(proof.question))]


def label(resource: object) -> str:
    """Return what a person calls a resource: its kind, and its path or its name."""
    keys = ("path", "unit", "name", "architecture", "python", "app")
    names = (getattr(resource, key, None) for key in keys)
    return f"{type(resource).__name__}-{next(name for name in names if name)}"
