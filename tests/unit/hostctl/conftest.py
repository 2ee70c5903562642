"""A host that is a folder."""

from tests.support.deployed_shop import empty, folder, rehearsed, shop, unsynced

__all__ = ["empty", "folder", "rehearsed", "shop", "unsynced"]
