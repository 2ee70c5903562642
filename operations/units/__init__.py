"""Units of systemd."""

from homeport.operations.units.kind import KIND, converge

__all__ = ["KIND", "converge"]
