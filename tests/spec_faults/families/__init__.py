"""The families of damages: each makes, of what stands on a host, what its kinds of spec guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.spec_faults.damage import Damage
from tests.spec_faults.families import (
    accounts,
    bootstrap,
    laptop,
    machine,
    pinboard,
    places,
    proxy,
    schedules,
    services,
    slots,
)
from tests.spec_faults.survey import Survey

FAMILIES: tuple[Callable[[Survey], Iterator[Damage]], ...] = (
    places.damages,
    accounts.damages,
    machine.damages,
    services.damages,
    slots.damages,
    schedules.damages,
    pinboard.damages,
    proxy.damages,
    bootstrap.damages,
)


def damages(survey: Survey) -> list[Damage]:
    """Return every damage of a host."""
    is_server = f"/srv/{survey.app}/current" in survey.places
    families = FAMILIES if is_server else (laptop.damages,)
    return [damage for family in families for damage in family(survey)]
