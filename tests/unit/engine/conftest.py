"""Fixtures of the engine's tests."""

from hypothesis import settings

from tests.unit.engine.fleet import fleet

# How long an example takes says nothing of what it proves.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

__all__ = ["fleet"]
