"""What tests of several modules share: found venvs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from hypothesis import strategies as st

from homeport.operations.venvs.installed import Installed, InstalledEntry, Listing, VerifiedFiles

SITE = "lib/python3.11/site-packages"
NAMES = ("one", "two", "three")
HOOKS = ("theirs.pth", "sitecustomize.py", "usercustomize")
CFG = "include-system-site-packages = {}\n"


@dataclass(frozen=True)
class Package:
    """One that is installed: the wheel that it came from, and what was done to its files."""

    version: str
    wheel: str = "locked"
    edited: bool = False
    lost: bool = False


@dataclass(frozen=True)
class World:
    """A venv in the words of whoever changed it."""

    packages: dict[str, Package]
    python: str = "3.11"
    link: str = "/usr/bin/python3.11"
    cfg: str = "false"
    hooks: frozenset[str] = frozenset()
    strays: frozenset[str] = frozenset()
    made: frozenset[str] = field(default_factory=frozenset)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def source(name: str, package: Package) -> str:
    return f"{name} {package.version} {package.wheel}"


def record(name: str, package: Package) -> str:
    return f"{name}/code.py,claims {source(name, package)},1\n"


def listing(world: World) -> Listing:
    there = {"pyvenv.cfg": InstalledEntry("f"), "bin/python": InstalledEntry("l", world.link)}
    sums = {"pyvenv.cfg": sha256(CFG.format(world.cfg))}
    for name, package in world.packages.items():
        info = f"{SITE}/{name}-{package.version}.dist-info"
        there |= {f"{SITE}/{name}": InstalledEntry("d"), info: InstalledEntry("d")}
        sums[f"{info}/RECORD"] = sha256(record(name, package))
    there |= {f"{SITE}/{hook}": InstalledEntry("f") for hook in world.hooks}
    sums |= {f"{SITE}/{hook}": sha256(hook) for hook in world.hooks if hook.endswith(".pth")}
    there |= {f"{SITE}/{stray}": InstalledEntry("f") for stray in world.strays}
    return Listing(there, sums)


def inspect_venv(world: World, built: World, deeply: bool) -> Installed:
    """What an honest look tells of a venv."""
    now, then = listing(world), listing(built)
    texts = {"pyvenv.cfg": CFG.format(world.cfg)} if world.cfg != built.cfg else {}
    verified = VerifiedFiles(made=set(world.made))
    for name, package in world.packages.items():
        path = f"{SITE}/{name}-{package.version}.dist-info/RECORD"
        if deeply or now.sums[path] != then.sums.get(path):
            texts[path] = record(name, package)
        if not package.lost:
            text = source(name, package) + (" edited" if package.edited else "")
            verified.files[f"{SITE}/{name}/code.py"] = sha256(text)
    return Installed(world.python, now, then, texts, verified if deeply else None)


versions = st.sampled_from(["1.0", "2.0"])
packages = st.builds(
    Package, versions, st.sampled_from(["locked", "other"]), st.booleans(), st.booleans()
)
locked = st.dictionaries(st.sampled_from(NAMES), st.builds(Package, versions))
worlds = st.builds(
    World,
    st.dictionaries(st.sampled_from(NAMES), packages),
    st.sampled_from(["3.11", "3.11", "3.12", ""]),
    st.sampled_from(["/usr/bin/python3.11", "/opt/python"]),
    st.sampled_from(["false", "false", "true", "maybe"]),
    st.frozensets(st.sampled_from(HOOKS)),
    st.frozensets(st.sampled_from(["stray.py", "other.so"])),
    st.frozensets(st.just(f"{SITE}/one/__pycache__/code.cpython-311.pyc")),
)
