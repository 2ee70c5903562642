"""Whatever is found in a venv: no findings if it is as locked, some if it isn't."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from homeport.artifacts import Lock, Pinned, WheelContents
from homeport.operations.venvs.drift import drifts
from tests.support.found_venvs import (
    SITE,
    Package,
    World,
    inspect_venv,
    locked,
    sha256,
    source,
    worlds,
)
from tests.support.sample_app import TARGET


def content(name: str, package: Package) -> WheelContents:
    path = f"{SITE}/{name}/code.py"
    text = source(name, package)
    return WheelContents({path: sha256(text)}, {path: f"claims {text}"})


def unseen_from_above(world: World) -> World:
    """The same venv without what only a look at every file can see."""
    packages = {n: replace(p, edited=False, lost=False) for n, p in world.packages.items()}
    return replace(world, packages=packages, made=frozenset())


@given(locked, worlds, st.booleans(), st.booleans())
def test_drift__there_are_findings_if_and_only_if_a_venv_is_not_as_locked(
    wanted: dict[str, Package], world: World, same: bool, deeply: bool
) -> None:
    lock = Lock.of([Pinned(n, p.version, ("a" * 64,)) for n, p in wanted.items()], TARGET)
    contents = {n: content(n, p) for n, p in wanted.items()} if deeply else None
    built = World(wanted)
    world = built if same else world
    equal = (world if deeply else unseen_from_above(world)) == built
    found = drifts(lock, TARGET, inspect_venv(world, built, deeply), contents)
    assert (found == []) is equal
    if not deeply:
        assert not any(drift.file_level for drift in found)
    # To build it anew is to have what was built; nothing is left to find.
    assert drifts(lock, TARGET, inspect_venv(built, built, deeply), contents) == []


@given(locked, worlds)
def test_drift__a_deep_look_finds_all_that_an_ordinary_one_does_and_says_what_is_its_own(
    wanted: dict[str, Package], world: World
) -> None:
    lock = Lock.of([Pinned(n, p.version, ("a" * 64,)) for n, p in wanted.items()], TARGET)
    contents = {n: content(n, p) for n, p in wanted.items()}
    built = World(wanted)
    shallow = drifts(lock, TARGET, inspect_venv(world, built, deeply=False))
    deep = drifts(lock, TARGET, inspect_venv(world, built, deeply=True), contents)
    assert [drift for drift in deep if not drift.file_level] == shallow
