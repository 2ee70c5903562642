"""Hosts that are folders, and programs that write down how they were called."""

from collections.abc import Iterator

import pytest

from homeport.hostctl import masking
from tests.support.fake_hostctl import guarding
from tests.support.fake_programs import log, programs
from tests.support.host_folders import fleet
from tests.support.temporary_folders import above_tests


@pytest.fixture(autouse=True)
def no_secret_is_known() -> Iterator[None]:
    """Have each test know only the secrets that it reads."""
    yield
    masking.KNOWN.forget()


__all__ = ["above_tests", "fleet", "guarding", "log", "programs"]
