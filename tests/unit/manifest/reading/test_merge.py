"""What differs per host is laid over the file, judged with it, and named as its own place."""

from __future__ import annotations

import pytest
from hypothesis import given

from homeport.errors import UserError
from homeport.manifest.reading.merge import merge
from tests.support.app_overrides import BASE, OVER, WHERE, Data
from tests.support.valid_app import Read


def has_none(value: object) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(has_none(item) for item in inner)


@given(BASE)
def test_merge__an_empty_override_changes_nothing(base: Data) -> None:
    assert merge(base, {}, WHERE).data == base


@given(BASE, OVER)
def test_merge__an_override_holds_however_often_it_is_laid_over(base: Data, over: Data) -> None:
    once = merge(base, over, WHERE).data
    assert merge(once, over, WHERE).data == once


@given(BASE, OVER)
def test_merge__a_removed_key_leaves_no_trace(base: Data, over: Data) -> None:
    assert not has_none(merge(base, over, WHERE).data)


@given(BASE, OVER)
def test_merge__neither_side_is_changed(base: Data, over: Data) -> None:
    before = repr((base, over))
    merge(base, over, WHERE)
    assert repr((base, over)) == before


@given(BASE, OVER)
def test_merge__what_no_override_names_stays_as_it_is(base: Data, over: Data) -> None:
    merged = merge(base, over, WHERE)
    for key in base.keys() - over.keys():
        assert merged.data[key] == base[key]
        assert not merged.is_overridden((key,))


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
def test_merge__a_slip_of_the_override_names_the_override(
    read: Read, override: Data, key: str
) -> None:
    with pytest.raises(UserError) as caught:
        read(**override)
    assert (caught.value.file, caught.value.line, caught.value.key) == (WHERE, None, key)


def test_merge__a_slip_of_the_file_names_the_file_though_there_is_an_override(read: Read) -> None:
    with pytest.raises(UserError) as caught:
        read("watchdog: 10", "watchdog: 0", processes={"web": {"memory": "1G"}})
    assert (caught.value.line, caught.value.key) == (20, "processes.web.watchdog")
