"""What tests of a whole run have at hand."""

from tests.unit.engine.fleet import fleet

__all__ = ["fleet"]
