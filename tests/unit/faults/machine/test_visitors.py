from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Template

from tests.faults.machine.visitors import Page, Visitors, page_of

PAGE = Path(__file__).parents[4] / "examples/pinboard/pinboard/templates/index.html"


def test_visitors__a_page_says_which_code_and_which_setting_made_it() -> None:
    html = Template(PAGE.read_text()).render(
        title="Board 1.7", version="1.7", machine="x86_64", notes=[], url_for=lambda *a, **k: "/css"
    )
    assert page_of(html) == Page("1.7", "Board 1.7")


def test_visitors__an_error_is_no_page() -> None:
    with pytest.raises(ValueError, match="no page of the pinboard"):
        page_of("<h1>502 Bad Gateway</h1>")


def test_visitors__what_failed_after_the_cut_is_no_failure() -> None:
    visitors = Visitors(1, "a", failed=[(5.0, "early"), (9.0, "late")])
    assert visitors.failures(until=7.0) == ["early"]
