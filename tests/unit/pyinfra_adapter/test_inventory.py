"""What pyinfra says of an inventory, and which of its hosts are meant."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from homeport.pyinfra_adapter.inventory import (
    InventoryHost,
    InventoryProcess,
    limited,
    located,
    parse,
)

ROOT = Path(__file__).resolve().parents[3]
ROWS = [InventoryHost("one", ("pi", "lab"), {"debian": "12"}), InventoryHost("two", ("lab",))]
PRINTED = json.dumps(
    [{"name": row.name, "groups": row.groups, "data": row.data} for row in ROWS], default=list
)


def test_inventory__reads_hosts_with_groups_and_data() -> None:
    assert list(parse("i.py", 0, PRINTED, "--> Loading config...\n")) == ROWS


def test_inventory__no_host_is_an_error_with_what_pyinfra_said() -> None:
    with pytest.raises(UserError, match=r"^i\.py: is no inventory\. Fix: "):
        parse("i.py", 0, "[]", "--> Loading...\n    i.py is no inventory\n--> Bye\n")


def test_inventory__a_failing_inventory_is_an_error_of_one_line() -> None:
    with pytest.raises(UserError) as caught:
        parse("i.py", 1, "", "Traceback\n  File x\nError: the lab is not up. Fix: up\n")
    assert str(caught.value).startswith("i.py: the lab is not up.")
    assert "\n" not in str(caught.value)


@given(st.integers(0, 3), st.text(), st.text())
def test_inventory__whatever_is_printed_there_are_hosts_or_an_error(
    code: int, out: str, err: str
) -> None:
    with suppress(UserError):
        assert parse("i.py", code, out, err)


@pytest.mark.parametrize(
    ("limit", "names"),
    [
        (None, ["one", "two"]),
        ("two", ["two"]),
        ("pi", ["one"]),
        ("two, one", ["one", "two"]),
        ("lab", ["one", "two"]),
    ],
)
def test_inventory__limits_by_name_or_group(limit: str | None, names: list[str]) -> None:
    assert [row.name for row in limited(ROWS, limit)] == names


@pytest.mark.parametrize("limit", ["three", "one,", ""])
def test_inventory__an_unknown_name_is_an_error(limit: str) -> None:
    with pytest.raises(UserError, match="one, two"):
        limited(ROWS, limit)


def test_inventory__a_path_is_taken_from_where_pytest_was_started(tmp_path: Path) -> None:
    (tmp_path / "i.py").touch()
    assert located("i.py", tmp_path) == str(tmp_path / "i.py")
    assert located("one,two", tmp_path) == "one,two"


def test_inventory__data_is_overridden_as_pyinfra_does_it() -> None:
    (row,) = InventoryProcess("@local", ROOT, ["app_file=blog/app.yml", "debian=13"]).rows()
    assert (row.data["app_file"], row.data["debian"]) == ("blog/app.yml", 13)
