"""What tests of several modules share: pruned shop."""

from __future__ import annotations

from tests.support.shop_host import Shop
from tests.support.shop_versions import Version


def releases(shop: Shop) -> set[str]:
    """Return the releases that lie there."""
    return {path.name for path in shop.place.releases.iterdir()}


def deploy(shop: Shop, *codes: str) -> None:
    """Deploy versions, one after the other; those that begin with ``bad`` fail."""
    for code in codes:
        shop.systemd.manners[code] = "crashes" if code.startswith("bad") else ""
        shop.deploy(Version(code))
        shop.settle()
