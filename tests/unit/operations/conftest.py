"""Fixtures of the operations' tests."""

from hypothesis import settings

from tests.unit.engine.fleet import fleet
from tests.unit.operations.building import host
from tests.unit.operations.guarding import guarding
from tests.unit.operations.machines import log, programs

# How long an example takes says nothing of what it proves.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

__all__ = ["fleet", "guarding", "host", "log", "programs"]
