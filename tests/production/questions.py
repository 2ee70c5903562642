"""All that is asked of a host, in two commands that run at the same time."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.units.resources import Unit
from homeport.operations.users.resources import ServiceUser
from tests.production import confinement, described, endpoints, proxy, serving


def lots(description: DesiredState) -> tuple[dict[str, str], dict[str, str]]:
    """Return the questions by name: what lies there, and what goes on there."""
    lies = {name: question(description) for name, question in described.QUESTIONS.items()}
    accounts, units = description.of(ServiceUser), description.of(Unit)
    goes = {
        "endpoints": endpoints.question(description),
        "services": lies.pop("services"),
        "people": serving.question(description),
        "outside": proxy.question(description),
        "reach": confinement.reach(description) if accounts else ":",
        "data": confinement.data(description) if accounts else ":",
        "leaks": confinement.leaks(description),
        "exposure": confinement.exposure(description) if units else ":",
    }
    return lies, goes
