"""What operations.venvs.drift_packages promises."""

from __future__ import annotations

from hypothesis import assume, given

from homeport.artifacts import Lock, Pinned
from homeport.operations.venvs.drift import drifts
from tests.support.found_venvs import Package, World, inspect_venv, locked, worlds
from tests.support.sample_app import TARGET


@given(locked, worlds)
def test_package_is_told_for_what_it_is(wanted: dict[str, Package], world: World) -> None:
    assume(wanted.keys() != world.packages.keys())
    lock = Lock.of([Pinned(n, p.version, ("a" * 64,)) for n, p in wanted.items()], TARGET)
    found = drifts(lock, TARGET, inspect_venv(world, World(wanted), deeply=False))
    kinds = {kind: {d.what for d in found if d.kind == kind} for kind in ("missing", "extra")}
    assert kinds["missing"] == wanted.keys() - world.packages.keys()
    assert kinds["extra"] == world.packages.keys() - wanted.keys()


def test_drift_packages__a_build_that_the_lock_allows_is_no_finding() -> None:
    lock = Lock.of([Pinned("one", "1.0", ("a" * 64,))], TARGET)
    world = World({"one": Package("1.0+cpu")})
    assert drifts(lock, TARGET, inspect_venv(world, world, deeply=False)) == []
    other = World({"one": Package("no version at all")})
    (drift,) = drifts(lock, TARGET, inspect_venv(other, other, deeply=False))
    assert drift.kind == "other version"
