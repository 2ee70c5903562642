"""System accounts, and the directories that become theirs."""

from homeport.operations.users.kind import KIND, converge

__all__ = ["KIND", "converge"]
