"""What tests of several modules share: rolled back shop."""

from __future__ import annotations

import pytest

from homeport.hostctl.snapshots import generations
from tests.support.shop_host import Shop
from tests.support.shop_versions import NEW


def gid(shop: Shop, release: str) -> str:
    """Return the generation that has this release."""
    return next(
        each.gid for each in generations.read_all(shop.place) if each.release.endswith(release)
    )


@pytest.fixture
def newer(shop: Shop) -> Shop:
    """A host to which two versions were deployed, of which the second serves."""
    assert shop.deploy(NEW) == 0
    shop.settle()
    return shop
