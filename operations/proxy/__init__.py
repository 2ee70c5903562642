"""The reverse proxy: nginx, its sites and certificates."""

from homeport.operations.proxy.kind import KIND, converge

__all__ = ["KIND", "converge"]
