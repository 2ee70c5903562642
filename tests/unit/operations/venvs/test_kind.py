"""A venv is built beside and renamed: one that is there is whole, and holds what the lock names."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.artifacts import PythonPlatform
from homeport.engine.kind import DesiredState
from homeport.operations.venvs import kind
from homeport.operations.venvs.installed import Installed, InstalledEntry, Listing
from homeport.operations.venvs.probe import VenvsState
from homeport.operations.venvs.resources import Venv
from tests.support.sample_app import LOCK, TARGET
from tests.support.venv_host import Host

NONE = VenvsState({}, frozenset(), uv=False)


def as_locked(*pins: str) -> Installed:
    """What is found in a venv that has these packages, and had them when it was built."""
    site = f"lib/python{TARGET.python}/site-packages"
    there = Listing(
        {f"{site}/{pin.replace('==', '-')}.dist-info": InstalledEntry("d") for pin in pins}
    )
    return Installed(TARGET.python, there, there)


def having(paths: Iterable[str]) -> VenvsState:
    return VenvsState(dict.fromkeys(paths, as_locked("flask==3.0")), frozenset(), True)


paths = st.sets(st.sampled_from(["/v/a", "/v/b", "/v/c"]))


@given(paths, paths)
def test_venvs__missing_venvs_are_built_and_no_others(described: set[str], there: set[str]) -> None:
    description = DesiredState(
        "shop", tuple(Venv(path, LOCK, TARGET) for path in sorted(described))
    )
    changes = kind.diff(description, having(there))
    assert {change.action for change in changes} <= {"add"}
    after = there | {change.target.name for change in changes}
    assert after == there | described
    assert kind.diff(description, having(after)) == []


@pytest.mark.parametrize("pins", [(), ("flask==3.0", "theirs==1"), ("theirs==1",)])
def test_venv_that_is_not_what_its_lock_says_is_built_anew(pins: tuple[str, ...]) -> None:
    venv = Venv("/v/a", LOCK, TARGET)
    found = VenvsState({"/v/a": as_locked(*pins)}, frozenset(), True)
    (change,) = kind.diff(DesiredState("shop", (venv,)), found)
    assert (change.action, change.target.name) == ("change", "/v/a")
    drifts = kind.drifts_of(venv, found)
    assert change.diff == tuple(map(str, drifts))
    assert change.reason == f"built anew: {'; '.join(map(str, drifts))}"


def test_venvs__a_reason_names_a_few_findings_and_the_diff_has_all() -> None:
    found = VenvsState({"/v/a": as_locked(*(f"p{n}==1" for n in range(9)))}, frozenset(), True)
    (change,) = kind.diff(DesiredState("shop", (Venv("/v/a", LOCK, TARGET),)), found)
    assert change.reason.count("p") < 9
    assert change.reason.endswith("; and 7 more")
    assert len(change.diff) == 10


def test_venvs__a_plan_says_how_large_a_venv_is() -> None:
    (change,) = kind.diff(DesiredState("shop", (Venv("/v/a", LOCK, TARGET),)), NONE)
    assert change.reason == "new venv of 1 packages for Python 3.11"


def test_venvs__nothing_is_fetched_when_nothing_is_to_be_built(host: Host) -> None:
    kind.prepare([], NONE)
    assert host.fetched == []


def test_venvs__wheels_and_uv_are_fetched_for_the_hosts_architecture(host: Host) -> None:
    venv = host.venv("v1")
    pi = Venv(venv.path, venv.lock, PythonPlatform("arm64", "3.11", "12"))
    description = DesiredState("shop", (pi,))
    kind.prepare(kind.diff(description, NONE), NONE)
    assert host.fetched == ["arm64"]
