"""The resources of your hosts besides the application: this file is yours to fill.

What it returns is described like everything else: it is planned, delivered, proven, and removed
when it leaves. A kind of resource of your own needs a phase in deploy.py too: docs/extending.md.
"""

from __future__ import annotations

from homeport.description.host_data import Data


def custom_resources(data: Data) -> tuple[object, ...]:
    """Return the resources that a host with this data should have besides."""
    return ()
