"""The program on the host that guards deploys."""

from homeport.operations.hostctl.kind import KIND, converge

__all__ = ["KIND", "converge"]
