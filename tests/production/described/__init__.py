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
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.sshd_logins import SshdLockdown
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.operations.bootstrap.zram import Zram
from homeport.operations.config_files import ConfigFile
from homeport.operations.executables import Executable
from homeport.operations.git_hooks import GitHook
from homeport.operations.hostctl.kind import HostProgram
from homeport.operations.packages import Package
from homeport.operations.platform.kind import HostPlatform, LocalPlatform
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.site import Site
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, RunOnce, Service
from homeport.operations.units.kind import Unit
from homeport.operations.units.slot_units import SlotUnit
from homeport.operations.users import ServiceUser
from homeport.operations.venvs.kind import Venv
from tests.production.described import admin_users as operators
from tests.production.described import config_files as configs
from tests.production.described import disk_wear as cards
from tests.production.described import executables as programs
from tests.production.described import host_keys as hostkeys
from tests.production.described import hostctl as guards
from tests.production.described import hostname as hostnames
from tests.production.described import packages, paths, releases, services, venvs
from tests.production.described import platform as machines
from tests.production.described import proxy as proxies
from tests.production.described import release_check as checks
from tests.production.described import run_once as initialisations
from tests.production.described import sshd_logins as logins
from tests.production.described import system_services as daemons
from tests.production.described import timezone as timezones
from tests.production.described import users as accounts


@dataclass(frozen=True)
class Proof:
    """How one side of a resource is proven.

    + question: the name under which ``QUESTIONS`` has the shell to run
    + faults: pure; says what is wrong with a resource, given the answer
    """

    question: str
    faults: Callable[[Any, str], list[str]]


QUESTIONS: dict[str, Callable[[DesiredState], str]] = {
    "machines": machines.question,
    "brought": machines.brought,
    "packages": packages.question,
    "accounts": accounts.question,
    "guards": guards.question,
    "paths": paths.question,
    "programs": programs.question,
    "releases": releases.question,
    "config-files": configs.question,
    "checks": checks.question,
    "initialisations": initialisations.question,
    "venvs": venvs.question,
    "services": services.question,
    "proxy": proxies.question,
    "hostkeys": hostkeys.question,
    "operators": operators.question,
    "sshd-logins": logins.question,
    "hostnames": hostnames.question,
    "timezones": timezones.question,
    "system-services": daemons.question,
    "cards": cards.question,
}
AT_PATH = (Proof("paths", paths.faults),)
PROOFS: dict[type, tuple[Proof, ...]] = {
    HostPlatform: (Proof("machines", machines.faults),),
    LocalPlatform: (Proof("brought", machines.lacks),),
    Package: (Proof("packages", packages.faults),),
    ServiceUser: (Proof("accounts", accounts.faults),),
    HostProgram: (Proof("guards", guards.faults),),
    Directory: AT_PATH,
    File: AT_PATH,
    Link: AT_PATH,
    Absent: AT_PATH,
    CurrentLink: AT_PATH,
    GitHook: (Proof("paths", paths.hook_faults),),
    Venv: (Proof("venvs", venvs.faults),),
    Executable: (Proof("programs", programs.faults),),
    Release: (Proof("releases", releases.faults),),
    Unit: (Proof("paths", paths.unit_faults), Proof("services", services.unit_faults)),
    SlotUnit: (Proof("paths", paths.unit_faults), Proof("services", services.slot_unit_faults)),
    ReleaseCheck: (Proof("checks", checks.faults),),
    ConfigFile: (Proof("config-files", configs.faults),),
    RunOnce: (Proof("initialisations", initialisations.faults),),
    Service: (Proof("services", services.faults),),
    Site: (Proof("paths", paths.site_faults), Proof("proxy", proxies.faults)),
    Certificate: (Proof("proxy", proxies.certificate_faults),),
    HostKeys: (Proof("hostkeys", hostkeys.faults),),
    AdminUser: (Proof("operators", operators.faults),),
    SshdLockdown: (Proof("sshd-logins", logins.faults),),
    HostName: (Proof("hostnames", hostnames.faults),),
    TimeZone: (Proof("timezones", timezones.faults),),
    SystemService: (Proof("paths", paths.daemon_faults), Proof("system-services", daemons.faults)),
    NoatimeRoot: (Proof("cards", cards.root_faults),),
    Zram: (Proof("cards", cards.swap_faults),),
}


def faults(resource: object, answer: Callable[[str], str]) -> list[str]:
    """Return what is wrong with a resource, given the answer to each question."""
    proofs = PROOFS.get(type(resource))
    if proofs is None:
        return [f"nobody wrote a proof for a {type(resource).__name__}"]
    return [fault for proof in proofs for fault in proof.faults(resource, answer(proof.question))]


def label(resource: object) -> str:
    """Return what a person calls a resource: its kind, and its path or its name."""
    keys = ("path", "unit", "name", "architecture", "python", "app")
    names = (getattr(resource, key, None) for key in keys)
    return f"{type(resource).__name__}-{next(name for name in names if name)}"
