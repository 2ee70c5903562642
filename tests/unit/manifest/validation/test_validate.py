"""What manifest.validation.validate promises."""

from __future__ import annotations

import pytest
from hypothesis import given

from homeport.errors import UserError
from homeport.manifest.reading.merge import merge
from tests.support.app_overrides import BASE, WHERE, Data
from tests.support.valid_app import Read


@given(BASE)
def test_validate__an_override_that_says_the_same_changes_nothing(base: Data) -> None:
    assert merge(base, base, WHERE).data == base


def test_validate__an_override_changes_adds_and_removes(read: Read) -> None:
    app = read(
        processes={"web": {"memory": "128M", "tasks": None}, "worker": None},
        environment={"PINBOARD_TITLE": "On the Pi", "EXTRA": 1},
        index_url=None,
        data=("photos",),
    )
    assert (app.processes["web"].memory, app.processes["web"].tasks) == ("128M", None)
    assert list(app.processes) == ["web", "api"]
    assert app.environment == {"PINBOARD_TITLE": "On the Pi", "WORKERS": "2", "EXTRA": "1"}
    assert (app.index_url, app.data) == (None, ("photos",))


def test_validate__an_override_may_mend_the_file(read: Read) -> None:
    assert read("memory: 256M", "memory: 1", processes={"web": {"memory": "1G"}})


def test_validate__an_override_that_contains_itself_is_refused(read: Read) -> None:
    loop: Data = {}
    loop["environment"] = loop
    with pytest.raises(UserError, match="nested"):
        read(**loop)


@pytest.mark.parametrize("override", [[], "x", 3, [("name", "x")]])
def test_validate__an_override_that_is_no_dictionary_is_refused(override: object) -> None:
    with pytest.raises(UserError, match="mapping"):
        merge({}, override, WHERE)
