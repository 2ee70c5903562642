"""Services: started, switched and restarted when they have to be."""

from homeport.operations.services.kind import KIND, converge

__all__ = ["KIND", "converge"]
