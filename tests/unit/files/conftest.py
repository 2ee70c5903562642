"""Programs of a host."""

from tests.support.fake_programs import log, programs

__all__ = ["log", "programs"]
