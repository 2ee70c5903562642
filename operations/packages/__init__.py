"""Debian packages."""

from homeport.operations.packages.kind import KIND, converge

__all__ = ["KIND", "converge"]
