"""What hostctl.slots.app_spec promises."""

from __future__ import annotations

import json

import pytest

from homeport.hostctl.slots.app_spec import AppSpec
from tests.support.shop_host import Shop
from tests.support.shop_versions import processes


@pytest.mark.parametrize("missing", ["release", "check", "slots", "singles", "timers", "soak"])
def test_app_spec__processes_that_lack_something_are_not_guessed(shop: Shop, missing: str) -> None:
    spec = json.loads(processes("v1"))
    del spec[missing]
    shop.place.processes.write_text(json.dumps(spec))
    with pytest.raises(ValueError, match=missing):
        AppSpec.read(shop.place.processes)


def test_app_spec__processes_with_more_than_is_known_are_understood(shop: Shop) -> None:
    spec = json.loads(processes("v1"))
    spec["slots"]["web"]["more"] = spec["more"] = True
    shop.place.processes.write_text(json.dumps(spec))
    assert AppSpec.read(shop.place.processes).units("b") == ["shop-web@b.service"]
