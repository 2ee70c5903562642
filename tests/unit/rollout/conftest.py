"""pyinfra, played."""

from tests.support.fake_pyinfra import world

__all__ = ["world"]
