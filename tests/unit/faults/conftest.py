"""A host that is a folder."""

from tests.support.deployed_shop import folder

__all__ = ["folder"]
