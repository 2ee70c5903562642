"""What differs per host is laid over the file, judged with it, and named as its own place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from homeport.manifest.reading.merge import merge
from tests.unit.manifest.pinboard import Read

WHERE = "group_data/pi.py"
KEYS = st.sampled_from("abc")
LEAVES = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
BASES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3))
OVERS = st.recursive(st.none() | LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3))
BASE, OVER = st.dictionaries(KEYS, BASES, max_size=3), st.dictionaries(KEYS, OVERS, max_size=3)
Data = dict[str, Any]


def has_none(value: object) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(has_none(item) for item in inner)


@given(BASE)
def test_an_empty_override_changes_nothing(base: Data) -> None:
    assert merge(base, {}, WHERE).data == base


@given(BASE)
def test_an_override_that_says_the_same_changes_nothing(base: Data) -> None:
    assert merge(base, base, WHERE).data == base


@given(BASE, OVER)
def test_an_override_holds_however_often_it_is_laid_over(base: Data, over: Data) -> None:
    once = merge(base, over, WHERE).data
    assert merge(once, over, WHERE).data == once


@given(BASE, OVER)
def test_a_removed_key_leaves_no_trace(base: Data, over: Data) -> None:
    assert not has_none(merge(base, over, WHERE).data)


@given(BASE, OVER)
def test_neither_side_is_changed(base: Data, over: Data) -> None:
    before = repr((base, over))
    merge(base, over, WHERE)
    assert repr((base, over)) == before


@given(BASE, OVER)
def test_what_no_override_names_stays_as_it_is(base: Data, over: Data) -> None:
    merged = merge(base, over, WHERE)
    for key in base.keys() - over.keys():
        assert merged.data[key] == base[key]
        assert not merged.is_overridden((key,))


def test_an_override_changes_adds_and_removes(read: Read) -> None:
    app = read(
        processes={"web": {"memory": "128M", "tasks": None}, "worker": None},
        environment={"PINBOARD_TITLE": "On the Pi", "EXTRA": 1},
        index=None,
        data=("photos",),
    )
    assert (app.processes["web"].memory, app.processes["web"].tasks) == ("128M", None)
    assert list(app.processes) == ["web", "api"]
    assert app.environment == {"PINBOARD_TITLE": "On the Pi", "WORKERS": "2", "EXTRA": "1"}
    assert (app.index, app.data) == (None, ("photos",))


SLIPS = [
    ({"processes": {"web": {"listen": 70000}}}, "processes.web.listen"),
    ({"processes": {"web": {"memroy": "1M"}}}, "processes.web.memroy"),
    ({"processes": {"new": {"memory": "1M"}}}, "processes.new.command"),
    ({"processes": {"web": {"command": None}}}, "processes.web.command"),
    ({"processes": {"web": {"listen": None, "command": "x"}}}, "processes.web.listen"),
    ({"processes": {"worker": {"listen": 8000}}}, "processes.worker.listen"),
    ({"processes": {"aa": {"command": "x", "listen": 8000}}}, "processes.aa.listen"),
    ({"processes": {"tidy": {"command": "x"}}}, "processes.tidy"),
    ({"environment": {"PINBOARD_KEY": "x"}}, "environment.PINBOARD_KEY"),
    ({"processes": None, "schedules": None}, "processes"),
    ({"name": None}, "name"),
    ({"python": 3.1}, "python"),
    ({"data": ["a", "/b"]}, "data[1]"),
    ({"data": ["a", None]}, "data[1]"),
    ({"secrets": {"A": {"file": {1}}}}, "secrets.A.file"),
    ({"environment": {1: "x"}}, "environment"),
    ({"environment": {"A": 10**5000}}, "environment.A"),
    ({"environment": {"A": "\ud800"}}, "environment.A"),
    ({"processes": {"web": {"tasks": 10**5000}}}, "processes.web.tasks"),
    ({"processes": {"web": {"listen": 10**5000}}}, "processes.web.listen"),
    ({"source": {"git": "https://h.example/x"}}, "source.ref"),
]


@pytest.mark.parametrize("override, key", SLIPS, ids=[key for _, key in SLIPS])
def test_a_slip_of_the_override_names_the_override(read: Read, override: Data, key: str) -> None:
    with pytest.raises(UserError) as caught:
        read(**override)
    assert (caught.value.file, caught.value.line, caught.value.key) == (WHERE, None, key)


def test_a_slip_of_the_file_names_the_file_though_there_is_an_override(read: Read) -> None:
    with pytest.raises(UserError) as caught:
        read("watchdog: 10", "watchdog: 0", processes={"web": {"memory": "1G"}})
    assert (caught.value.line, caught.value.key) == (20, "processes.web.watchdog")


def test_an_override_may_mend_the_file(read: Read) -> None:
    assert read("memory: 256M", "memory: 1", processes={"web": {"memory": "1G"}})


def test_an_override_that_contains_itself_is_refused(read: Read) -> None:
    loop: Data = {}
    loop["environment"] = loop
    with pytest.raises(UserError, match="nested"):
        read(**loop)


@pytest.mark.parametrize("override", [[], "x", 3, [("name", "x")]])
def test_an_override_that_is_no_dictionary_is_refused(override: object) -> None:
    with pytest.raises(UserError, match="mapping"):
        merge({}, override, WHERE)
