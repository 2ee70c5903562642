"""Whatever is found in a venv: no findings if it is as locked, some if it isn't."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from hypothesis import assume, given
from hypothesis import strategies as st

from homeport.artifacts import Lock, Pinned, WheelContents
from homeport.operations.venvs.drift import drifts
from homeport.operations.venvs.installed import Installed, InstalledEntry, Listing, VerifiedFiles
from tests.unit.operations.samples import TARGET

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


def look(world: World, built: World, deeply: bool) -> Installed:
    """What an honest look tells of a venv."""
    now, then = listing(world), listing(built)
    texts = {"pyvenv.cfg": CFG.format(world.cfg)} if world.cfg != built.cfg else {}
    deep = VerifiedFiles(made=set(world.made))
    for name, package in world.packages.items():
        path = f"{SITE}/{name}-{package.version}.dist-info/RECORD"
        if deeply or now.sums[path] != then.sums.get(path):
            texts[path] = record(name, package)
        if not package.lost:
            text = source(name, package) + (" edited" if package.edited else "")
            deep.files[f"{SITE}/{name}/code.py"] = sha256(text)
    return Installed(world.python, now, then, texts, deep if deeply else None)


def content(name: str, package: Package) -> WheelContents:
    path = f"{SITE}/{name}/code.py"
    text = source(name, package)
    return WheelContents({path: sha256(text)}, {path: f"claims {text}"})


def unseen_from_above(world: World) -> World:
    """The same venv without what only a look at every file can see."""
    packages = {n: replace(p, edited=False, lost=False) for n, p in world.packages.items()}
    return replace(world, packages=packages, made=frozenset())


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


@given(locked, worlds, st.booleans(), st.booleans())
def test_there_are_findings_if_and_only_if_a_venv_is_not_as_locked(
    wanted: dict[str, Package], world: World, same: bool, deeply: bool
) -> None:
    lock = Lock.of([Pinned(n, p.version, ("a" * 64,)) for n, p in wanted.items()], TARGET)
    contents = {n: content(n, p) for n, p in wanted.items()} if deeply else None
    built = World(wanted)
    world = built if same else world
    equal = (world if deeply else unseen_from_above(world)) == built
    found = drifts(lock, TARGET, look(world, built, deeply), contents)
    assert (found == []) is equal
    if not deeply:
        assert not any(drift.deep for drift in found)
    # To build it anew is to have what was built; nothing is left to find.
    assert drifts(lock, TARGET, look(built, built, deeply), contents) == []


@given(locked, worlds)
def test_a_deep_look_finds_all_that_an_ordinary_one_does_and_says_what_is_its_own(
    wanted: dict[str, Package], world: World
) -> None:
    lock = Lock.of([Pinned(n, p.version, ("a" * 64,)) for n, p in wanted.items()], TARGET)
    contents = {n: content(n, p) for n, p in wanted.items()}
    built = World(wanted)
    shallow = drifts(lock, TARGET, look(world, built, deeply=False))
    deep = drifts(lock, TARGET, look(world, built, deeply=True), contents)
    assert [drift for drift in deep if not drift.deep] == shallow


@given(locked, worlds)
def test_a_package_is_told_for_what_it_is(wanted: dict[str, Package], world: World) -> None:
    assume(wanted.keys() != world.packages.keys())
    lock = Lock.of([Pinned(n, p.version, ("a" * 64,)) for n, p in wanted.items()], TARGET)
    found = drifts(lock, TARGET, look(world, World(wanted), deeply=False))
    kinds = {kind: {d.what for d in found if d.kind == kind} for kind in ("missing", "extra")}
    assert kinds["missing"] == wanted.keys() - world.packages.keys()
    assert kinds["extra"] == world.packages.keys() - wanted.keys()


def test_a_build_that_the_lock_allows_is_no_finding() -> None:
    lock = Lock.of([Pinned("one", "1.0", ("a" * 64,))], TARGET)
    world = World({"one": Package("1.0+cpu")})
    assert drifts(lock, TARGET, look(world, world, deeply=False)) == []
    other = World({"one": Package("no version at all")})
    (drift,) = drifts(lock, TARGET, look(other, other, deeply=False))
    assert drift.kind == "other version"
