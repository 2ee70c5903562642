"""An old key is answered with its new name, at its place, and with nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from homeport.errors import UserError, UserErrors
from homeport.manifest import Document, load, validate
from homeport.manifest.validation.renamed_keys import RENAMED_KEYS
from tests.support.valid_app import VALID

NAMES = {
    "config_files.*": "pinboard.conf",
    "processes.*": "web",
    "run_once.*": "database",
    "schedules.*": "tidy",
}
ACME = {"tls": {"acme": {"email": "me@pins.example"}}}


def place_of(row: str) -> tuple[str, ...]:
    """Return the key path of a row in the valid file."""
    for pattern, name in NAMES.items():
        row = row.replace(pattern, pattern.replace("*", name.replace(".", "\0")))
    return tuple(step.replace("\0", ".") for step in row.split("."))


def spelled_before(path: Path, place: tuple[str, ...], new: str) -> tuple[Document, int]:
    """Return the valid file with the old name of one key in it, and that key's line."""
    app: dict[str, Any] = yaml.safe_load(VALID)
    *above, old = place
    part = app
    if "acme" in place:
        app["proxy"] |= ACME
    for step in above:
        if not isinstance(part.get(step), dict):
            part[step] = {"path": part[step]} if step in ("live", "ready") else {}
        part = part[step]
    part[old] = part.pop(new, True if ": " in new else "x")
    path.write_text(yaml.safe_dump(app))
    document = load(path)
    return document, document.lines[place]


@pytest.mark.parametrize(("row", "new"), RENAMED_KEYS.items())
def test_renamed_keys__each_is_answered_with_its_new_name_alone(
    project: Path, row: str, new: str
) -> None:
    place = place_of(row)
    document, line = spelled_before(project / "app.yml", place, new)
    with pytest.raises(UserError) as caught:
        validate(document)
    assert str(caught.value) == (
        f"app.yml:{line}: {'.'.join(place)}: '{place[-1]}' is called '{new}'. Fix: write {new}."
    ).replace("app.yml", str(project / "app.yml"))


@pytest.mark.parametrize(("row", "new"), RENAMED_KEYS.items())
def test_renamed_keys__each_is_found_in_an_override_also_without_a_value(
    project: Path, row: str, new: str
) -> None:
    (project / "app.yml").write_text(VALID)
    override: dict[str, Any] = {place_of(row)[-1]: None}
    for step in reversed(place_of(row)[:-1]):
        override = {step: override}
    with pytest.raises(UserError) as caught:
        validate(load(project / "app.yml"), override, "group_data/all.py")
    found = getattr(caught.value, "errors", (caught.value,))
    renamed = [each for each in found if "is called" in each.what]
    assert [(each.file, each.what) for each in renamed] == [
        ("group_data/all.py", f"{place_of(row)[-1]!r} is called {new!r}")
    ]


def test_renamed_keys__all_old_keys_of_a_file_are_told_at_once(project: Path) -> None:
    path = project / "app.yml"
    path.write_text(
        "name: a\nsource: .\npython: '3.11'\nconfig:\n  a.conf: {template: a, check: 'x {}'}\n"
        "front: {process: web, names: [a.example], tls: {acme: {directory: 'https://a/d'}}}\n"
        "processes: {web: {command: x, health: {live: {path: /, body: x}, every: 5}}}\n"
    )
    with pytest.raises(UserErrors) as caught:
        validate(load(path))
    found = {error.key: error.what for error in caught.value.errors}
    assert found.keys() >= {
        "config",
        "config.a.conf.check",
        "front",
        "front.names",
        "front.tls.acme.directory",
        "processes.web.health.live.body",
        "processes.web.health.every",
    }
    assert found["front.names"] == "'names' is called 'server_names'"


def test_renamed_keys__the_placeholder_of_the_file_has_a_name(project: Path) -> None:
    path = project / "app.yml"
    path.write_text(VALID.replace("--check {file}", "--check {}"))
    with pytest.raises(UserError) as caught:
        validate(load(path))
    (error,) = getattr(caught.value, "errors", (caught.value,))
    assert error.key == "config_files.pinboard.conf.validate"
    assert (error.what, error.fix) == ("'{}' is called '{file}'", "write {file}")


def test_renamed_keys__what_the_user_named_so_is_no_old_key(project: Path) -> None:
    path = project / "app.yml"
    path.write_text(VALID.replace("  worker:\n", "  front:\n").replace("WORKERS:", "front:"))
    assert "front" in validate(load(path)).processes


def test_renamed_keys__what_was_not_exclusive_needs_no_strategy(project: Path) -> None:
    path = project / "app.yml"
    path.write_text(VALID.replace("strategy: recreate", "exclusive: false"))
    with pytest.raises(UserError) as caught:
        validate(load(path))
    assert caught.value.what == "'exclusive' is called 'strategy: recreate'"
    assert caught.value.fix == "remove it"
