"""Hosts that are folders, and programs that write down how they were called."""

from tests.support.fake_hostctl import guarding
from tests.support.fake_programs import log, programs
from tests.support.host_folders import fleet
from tests.support.temporary_folders import above_tests

__all__ = ["above_tests", "fleet", "guarding", "log", "programs"]
