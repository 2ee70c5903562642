"""One kind of resource, one file: the question to the host, and what is wrong with its answer.

The questions are put to ordinary tools, and never to the project's own probes: an eye can't check
itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeport.files import Absent, Directory, File, Link
from homeport.resource import Description
from operations.accounts import Account
from operations.certificates import Certificate
from operations.checks import Check
from operations.configs import Config
from operations.daemons import Daemon
from operations.guards import Guard
from operations.hooks import Hook
from operations.hostkeys import HostKeys
from operations.hostnames import HostName
from operations.hosts import Machine, Workstation
from operations.logins import Logins
from operations.mounts import SparedRoot
from operations.operators import Operator
from operations.packages import Package
from operations.programs import Program
from operations.releases import Release
from operations.running import Current, Once, Service
from operations.sites import Site
from operations.slots import SlotUnit
from operations.swaps import Zram
from operations.timezones import TimeZone
from operations.units import Unit
from operations.venvs import Venv
from tests.production.described import (
    accounts,
    cards,
    checks,
    configs,
    daemons,
    fronts,
    guards,
    hostkeys,
    hostnames,
    initialisations,
    logins,
    machines,
    operators,
    packages,
    paths,
    programs,
    releases,
    services,
    timezones,
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


QUESTIONS: dict[str, Callable[[Description], str]] = {
    "machines": machines.question,
    "brought": machines.brought,
    "packages": packages.question,
    "accounts": accounts.question,
    "guards": guards.question,
    "paths": paths.question,
    "programs": programs.question,
    "releases": releases.question,
    "configs": configs.question,
    "checks": checks.question,
    "initialisations": initialisations.question,
    "venvs": venvs.question,
    "services": services.question,
    "fronts": fronts.question,
    "hostkeys": hostkeys.question,
    "operators": operators.question,
    "logins": logins.question,
    "hostnames": hostnames.question,
    "timezones": timezones.question,
    "daemons": daemons.question,
    "cards": cards.question,
}
AT_PATH = (Proof("paths", paths.faults),)
PROOFS: dict[type, tuple[Proof, ...]] = {
    Machine: (Proof("machines", machines.faults),),
    Workstation: (Proof("brought", machines.lacks),),
    Package: (Proof("packages", packages.faults),),
    Account: (Proof("accounts", accounts.faults),),
    Guard: (Proof("guards", guards.faults),),
    Directory: AT_PATH,
    File: AT_PATH,
    Link: AT_PATH,
    Absent: AT_PATH,
    Current: AT_PATH,
    Hook: (Proof("paths", paths.hook_faults),),
    Venv: (Proof("venvs", venvs.faults),),
    Program: (Proof("programs", programs.faults),),
    Release: (Proof("releases", releases.faults),),
    Unit: (Proof("paths", paths.unit_faults), Proof("services", services.unit_faults)),
    SlotUnit: (Proof("paths", paths.unit_faults), Proof("services", services.slot_unit_faults)),
    Check: (Proof("checks", checks.faults),),
    Config: (Proof("configs", configs.faults),),
    Once: (Proof("initialisations", initialisations.faults),),
    Service: (Proof("services", services.faults),),
    Site: (Proof("paths", paths.site_faults), Proof("fronts", fronts.faults)),
    Certificate: (Proof("fronts", fronts.certificate_faults),),
    HostKeys: (Proof("hostkeys", hostkeys.faults),),
    Operator: (Proof("operators", operators.faults),),
    Logins: (Proof("logins", logins.faults),),
    HostName: (Proof("hostnames", hostnames.faults),),
    TimeZone: (Proof("timezones", timezones.faults),),
    Daemon: (Proof("paths", paths.daemon_faults), Proof("daemons", daemons.faults)),
    SparedRoot: (Proof("cards", cards.root_faults),),
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
