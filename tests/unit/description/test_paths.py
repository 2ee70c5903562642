"""What description.paths promises."""

from __future__ import annotations

from homeport.description.paths import HostPaths
from tests.support.described_app import Project


def test_paths__every_place_is_below_the_applications_own(project: Project) -> None:
    place = HostPaths("shop")
    assert place.venv("0123456789abcdef") == "/srv/shop/venvs/0123456789ab"
    assert place.release("0123456789abcdef", "fedcba9876543210") == (
        "/srv/shop/releases/0123456789ab-fedcba98"
    )
    assert place.current == "/srv/shop/current"
    assert place.state == "/var/lib/shop"
