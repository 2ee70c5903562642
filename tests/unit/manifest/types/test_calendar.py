"""A calendar expression is one of systemd's, and not one of cron's."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from homeport.manifest.types.calendar import calendar


@pytest.mark.parametrize("text", ["daily", "Mon..Fri 04:30", "*-*-* 04:00:00"])
def test_calendar_expression_of_systemd_is_taken(text: str) -> None:
    assert calendar(text) == text


@pytest.mark.parametrize(
    ("text", "fault"), [("*/5 * * * *", "as for cron"), ("daily;", "not a calendar")]
)
def test_calendar_expression_of_another_kind_is_refused(text: str, fault: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        calendar(text)
    assert fault in (caught.value.context or {})["complaints"][0].what
