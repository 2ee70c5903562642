"""All that is asked of a host, in two commands that run at the same time."""

from __future__ import annotations

from homeport.resource import Description
from tests.production import confinement, described, endpoints


def lots(description: Description) -> tuple[dict[str, str], dict[str, str]]:
    """Return the questions by name: what lies there, and what goes on there."""
    lies = {name: question(description) for name, question in described.QUESTIONS.items()}
    goes = {
        "endpoints": endpoints.question(description),
        "services": lies.pop("services"),
        "reach": confinement.reach(description),
        "leaks": confinement.leaks(description),
        "exposure": confinement.exposure(description),
    }
    return lies, goes
