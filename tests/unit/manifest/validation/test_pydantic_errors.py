"""What manifest.validation.pydantic_errors promises."""

from __future__ import annotations

import pytest

from homeport.errors import UserError
from homeport.manifest import UserErrors
from tests.support.app_slips import COMMAND, DATA, LISTEN
from tests.support.valid_app import Read


@pytest.mark.parametrize(
    "old, new, line",
    [
        ("apt_packages:", "apt_package:", 8),
        (LISTEN, "listen: 70000", 18),
        ("{live: /health/live", "{live: x", 21),
        (COMMAND, "", 16),
        ("python -m pinboard.worker", "run {port}", 28),
    ],
)
def test_pydantic_errors__the_line_is_that_of_the_key_or_of_what_lacks_it(
    read: Read, old: str, new: str, line: int
) -> None:
    with pytest.raises(UserError) as caught:
        read(old, new)
    assert caught.value.line == line


def test_pydantic_errors__all_findings_are_told_at_once_in_the_order_of_the_file(
    read: Read,
) -> None:
    text = "name: A\nsource: ..\npyhton: x\npython: 3.10\nprocesses:\n  web: {command: a {b}}\n"
    with pytest.raises(UserErrors) as caught:
        read(text=text.replace("a {b}", "'a {b}'"))
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0].rsplit(":")[-1] for line in lines] == ["1", "2", "3", "4", "6"]
    assert all(". Fix: " in line for line in lines)
    assert caught.value.key == "name"


def test_pydantic_errors__hundreds_of_findings_do_not_flood_the_terminal(read: Read) -> None:
    with pytest.raises(UserErrors) as caught:
        read(DATA, "data: [" + "/, " * 3000 + "]")
    assert str(caught.value).splitlines()[-1] == "... and 2980 more"
