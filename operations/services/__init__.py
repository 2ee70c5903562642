"""What runs: started, switched and restarted when it has to be."""

from homeport.operations.services.kind import KIND, converge

__all__ = ["KIND", "converge"]
