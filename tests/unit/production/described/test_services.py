"""What production.described.services promises."""

from __future__ import annotations

import pytest

from homeport.operations.services.resources import CurrentLink, Service
from homeport.operations.units.resources import Unit
from tests.production.described import services
from tests.production.endpoints import Endpoint, is_public
from tests.support.production_samples import shown

CURRENT = CurrentLink("/srv/a/current", "/srv/a/releases/1", "/srv/a/venvs/1")
SERVICE = Service("a.service", "x", (), CURRENT)


def test_service_as_described_has_no_fault() -> None:
    assert services.faults(SERVICE, shown()) == []
    assert services.unit_faults(Unit("a.service", ""), shown()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"UnitFileState": "disabled"},
        {"ActiveState": "activating"},
        {"NRestarts": "4"},
        {"MainPID": "8"},
    ],
)
def test_service_that_differs_has_its_fault(changes: dict[str, str]) -> None:
    assert len(services.faults(SERVICE, shown(**changes))) == 1


def test_services__where_a_port_is_listened_on() -> None:
    endpoint = Endpoint("web", "/live", 8000, "")
    assert is_public(endpoint, "listens\t00000000:1F40")
    assert is_public(endpoint, f"listens\t{'0' * 32}:1F40")
    assert not is_public(endpoint, "listens\t0100007F:1F40\nlistens\t00000000:1F41")
