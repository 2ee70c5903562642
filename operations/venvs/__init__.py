"""Virtual environments: built from a lock, compared with it."""

from homeport.operations.venvs.kind import KIND, converge

__all__ = ["KIND", "converge"]
