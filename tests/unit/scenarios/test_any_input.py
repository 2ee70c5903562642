"""Whatever is in the file or the override: an application or a UserError, never anything else."""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.errors import UserError
from homeport.manifest import App, Document, load, render_command, validate
from tests.support.valid_app import VALID

WORDS = st.sampled_from(
    """
    name source git ref package version file command listen port socket {port} {socket} { }} health
    live / /x .. ../x ~ ~/x ~x 3.11 daily 256M uv.lock . A PATH processes web tidy https://h/x
    git@h:x {config} {data} {} x=y && ' *x &x !x # : [key] - -x %h $X
    """.split()  # noqa: SIM905 - forty quoted words are harder to read
)
PIECES = WORDS | st.sampled_from([": ", "\n", "\n  ", "- ", ", ", "[", "]", '"'])
BYTES = st.binary(max_size=60) | st.text(max_size=60).map(
    lambda text: text.encode("utf-8", "ignore")
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
KEYS = WORDS | st.text(max_size=5)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
HARD = SCALARS | st.binary(max_size=3) | st.sets(st.integers(), max_size=2) | st.just(object())
OVERRIDE = st.dictionaries(KEYS | st.integers(), DATA | HARD, max_size=3)
many = settings(max_examples=int(os.environ.get("HOMEPORT_FUZZ", "300")), deadline=None)
VALID_DATA: dict[str, Any] = yaml.safe_load(VALID)


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*at, key))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "examples/pinboard"
        source.mkdir(parents=True)
        for file in ("requirements.txt", "conf.j2"):
            (source / file).touch()
        yield Path(name)


def judge(document: Document, override: Any = None) -> None:
    try:
        app = validate(document, override, "group_data/all.py")
    except UserError as error:
        found = getattr(error, "errors", (error,))
        assert all(len(str(each).splitlines()) == 1 for each in found)
        assert all(". Fix: " in str(each) for each in found)
        assert not any("doesn't fit" in each.what for each in found)
        str(error).encode()
    else:
        assert isinstance(app, App)
        for each in (*app.processes.values(), *app.schedules.values(), *app.run_once.values()):
            words = render_command(each, "/run/x.sock", {"config": "/c", "data": "/d"})
            assert all(word.encode() is not None for word in words)


def read(folder: Path, content: bytes) -> Document | None:
    path = folder / "app.yml"
    path.write_bytes(content)
    try:
        return load(path)
    except UserError as error:
        assert len(str(error).splitlines()) == 1
        return None


@many
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "ignore"))
)
def test_any_bytes_are_read_or_refused(folder: Path, content: bytes) -> None:
    if document := read(folder, content):
        judge(document)


@many
@given(
    st.lists(WORDS | st.sampled_from([": ", "\n", "\n  ", "- ", ", ", "[", "]", '"']), max_size=25)
)
def test_any_pieces_of_yaml_are_read_or_refused(folder: Path, pieces: list[str]) -> None:
    if document := read(folder, "".join(pieces).encode()):
        judge(document)


@many
@given(DATA)
def test_any_data_is_accepted_or_refused(folder: Path, data: Any) -> None:
    if document := read(folder, yaml.safe_dump(data, allow_unicode=True).encode()):
        judge(document)


@many
@given(st.data())
def test_a_valid_file_spoilt_anywhere_is_accepted_or_refused(folder: Path, data: Any) -> None:
    spoilt = copy.deepcopy(VALID_DATA)
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from(list(paths(spoilt))))
        inner = spoilt
        for step in above:
            inner = inner[step]
        if isinstance(inner, dict) and data.draw(st.booleans()):
            inner[data.draw(KEYS)] = inner.pop(last)
        else:
            inner[last] = data.draw(DATA)
    if document := read(folder, yaml.safe_dump(spoilt).encode()):
        judge(document)


@many
@given(OVERRIDE | st.dictionaries(st.sampled_from(list(VALID_DATA)), DATA, max_size=3) | DATA)
def test_any_override_is_accepted_or_refused(folder: Path, override: Any) -> None:
    document = read(folder, VALID.encode())
    assert document is not None
    judge(document, override)
