"""A path that is described twice is noticed before a host is called, whatever describes it."""

from __future__ import annotations

import pytest

from homeport.description.unique_paths import require_unique
from homeport.errors import UserError
from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations.config_files import ConfigFile
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.proxy.resources import Site
from homeport.operations.services.resources import CurrentLink
from homeport.operations.units.resources import Unit
from homeport.operations.units.slot_units import SlotUnit

PLACE = "/etc/systemd/system/shop-web.service"
SLOT = "/etc/systemd/system/shop-web@a.service"
DESCRIBED = (
    Unit("shop-web.service", ""),
    SlotUnit("shop-web@.service", "", "/etc/homeport/shop/units", "/srv/shop/slots"),
    ConfigFile(File("/etc/homeport/shop/config/x", b"")),
    Site("/etc/nginx/conf.d/homeport-shop.conf", "", "", ""),
    Directory("/srv/shop"),
    CurrentLink("/srv/shop/current", "/srv/shop/releases/1", "/srv/shop/venvs/1"),
    HostProgram("shop"),
)
PATHS = (
    PLACE,
    SLOT,
    "/etc/homeport/shop/config/x",
    "/etc/nginx/conf.d/homeport-shop.conf",
    "/srv/shop",
    "/srv/shop/current",
    "/usr/local/sbin/homeportctl",
    "/usr/local/lib/homeportctl",
    "/etc/systemd/system/homeportctl-boot.service",
)


@pytest.mark.parametrize("path", PATHS)
def test_unique_paths__no_two_groups_have_the_same_path(path: str) -> None:
    for twin in (File(path, b""), Link(path, "/x"), Absent(path), Directory(path)):
        with pytest.raises(UserError) as refused:
            require_unique((*DESCRIBED, twin), "kinds/__init__.py")
        line = f"kinds/__init__.py: {path} is described twice. Fix: remove one of the two."
        assert str(refused.value) == line


def test_unique_paths__others_are_taken() -> None:
    require_unique((*DESCRIBED, File("/etc/motd", b""), object()), "kinds/__init__.py")
