"""The host itself: its Debian, architecture, Python and disk."""

from homeport.operations.platform.kind import KIND, converge

__all__ = ["KIND", "converge"]
