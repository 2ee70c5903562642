"""What manifest.types.url promises."""

from __future__ import annotations

import time

import pytest

from homeport.errors import UserError
from tests.support.app_slips import INDEX
from tests.support.valid_app import Read


def test_url__a_hostile_url_is_refused_in_no_time(read: Read) -> None:
    started = time.monotonic()
    with pytest.raises(UserError, match="not the URL"):
        read(INDEX, "index_url: https://" + "a:" * 200_000 + "^")
    assert time.monotonic() - started < 5
