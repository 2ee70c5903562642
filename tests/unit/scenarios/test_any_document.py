"""Whatever fits the schema, or nearly: accepted and described, or refused in lines that help."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from homeport.artifacts import Artifact, Lock, PythonPlatform
from homeport.description.app_build import AppBuild
from homeport.description.host import describe
from homeport.description.user_templates import Rendered
from homeport.engine.kind import DesiredState
from homeport.errors import UserError
from homeport.files.entries import File
from homeport.manifest import App, Document, load, validate
from homeport.manifest.types.text import BREAKING
from homeport.operations.units.resources import Unit
from tests.support import app_documents
from tests.support.valid_app import VALID

EXAMPLES = int(os.environ.get("HOMEPORT_FUZZ", "100"))
"""`make fuzz` tries 5000 of each."""

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
PLACE = re.compile(r"app\.yml:\d+: .+\. Fix: .+\.|app\.yml: .+\. Fix: .+\.")
TARGET = PythonPlatform("arm64", "3.11", "12")
BUILT = AppBuild(
    TARGET,
    Artifact("f" * 64, Path("/none"), ("shop",), 1, False, None, "d" * 64),
    Lock.of((), TARGET),
    {"TOKEN": "hunter2"},
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "code").mkdir()
        (Path(name) / "code/conf.j2").touch()
        yield Path(name)


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def read(folder: Path, document: Any) -> Document | None:
    path = folder / "app.yml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8", newline="")
    return judged(lambda: load(path))


def judged(work: Any) -> Any:
    """Return what comes of it, None if it is refused: in lines of which each says all."""
    try:
        return work()
    except UserError as error:
        lines = str(error).splitlines()
        assert lines
        for line in lines:
            assert PLACE.fullmatch(line) or re.fullmatch(r"\.\.\. and \d+ more", line), line
            assert line.isprintable()
            line.encode()
        return None


def keys(unit: Unit) -> set[str]:
    """Return the keys of a unit's text, and insist that it is made of nothing else."""
    found = set()
    for line in unit.text.split("\n"):
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"\[(?:Unit|Service|Timer|Install)\]|([A-Z][A-Za-z]+)=.*", line)
        assert match, line
        assert not line.endswith("\\"), line
        assert not BREAKING.intersection(map(unicodedata.category, line)), line
        found.add(match[1] or line)
    return found


@pytest.fixture(scope="module")
def spoken(folder: Path) -> set[str]:
    """The keys that units have when nobody plays tricks."""
    path = folder / "plain.yml"
    path.write_text(VALID.replace("examples/pinboard", "code"))
    (folder / "code/requirements.txt").touch()
    return set().union(*map(keys, described(validate(load(path))).of(Unit)))


def described(app: App) -> DesiredState:
    """Return what a host should have; what templates make is nothing to units."""
    made = dict.fromkeys(app.config_files, Rendered(b"", secret=False))
    return describe(app, replace(BUILT, configuration=made))


def check(app: App, spoken: set[str]) -> None:
    """Insist that an accepted application can be described, and says only what it may."""
    resources = described(app)
    units = resources.of(Unit)
    watched = {name for name, process in app.processes.items() if isinstance(process.listen, int)}
    watched |= {app.proxy.process} if app.proxy else set()
    watched |= {n for n, each in app.processes.items() if each.health and each.health.live}
    timers = len(app.schedules) + len(watched)
    assert len(units) == len(app.processes) + len(app.run_once) + 2 * timers
    assert len({unit.name for unit in units}) == len(units)
    for unit in units:
        assert keys(unit) <= spoken
        runs = unit.text.count("\nExecStart=")
        assert bool(runs) == unit.name.endswith(".service")
        assert runs <= 1 + unit.name.endswith("-health.service")
    (environment,) = (f for f in resources.of(File) if f.path.endswith("/environment"))
    lines = environment.content.decode().split("\n")[1:-1]
    assert len(lines) == len(app.environment)
    assert all(re.fullmatch(r'[A-Za-z_][A-Za-z0-9_]*="(?:[^"\\]|\\["\\])*"', e) for e in lines)


@many
@given(app_documents.FITTING)
def test_what_fits_the_schema_is_accepted_or_refused_with_its_place(
    folder: Path, spoken: set[str], document: Any
) -> None:
    if (found := read(folder, document)) and (app := judged(lambda: validate(found))):
        check(app, spoken)


def test_what_is_accepted_can_be_described_and_says_only_what_it_may(
    folder: Path, spoken: set[str]
) -> None:
    tried = accepted = 0

    @many
    @given(app_documents.present())
    def one(document: Any) -> None:
        nonlocal tried, accepted
        tried += 1
        if (found := read(folder, document)) and (app := judged(lambda: validate(found))):
            accepted += 1
            check(app, spoken)

    one()
    # Where next to nothing is accepted, next to nothing was proven.
    assert accepted > tried / 10, f"{accepted} of {tried}"


@many
@given(app_documents.spoilt())
def test_what_nearly_fits_is_accepted_or_refused_with_its_place(
    folder: Path, spoken: set[str], document: Any
) -> None:
    if (found := read(folder, document)) and (app := judged(lambda: validate(found))):
        check(app, spoken)
