"""One host that boots for the first time: it takes minutes, and has a target of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.binfmt import native
from tests.e2e.lab.conftest import own_lab, project
from tests.e2e.lab.project import lab_command

__all__ = ["own_lab", "project"]


@pytest.fixture(scope="session")
def hosts(own_lab: None) -> Iterator[None]:
    """Bring up one host, whose sudo asks for a password; nothing of it is left afterwards."""
    lab_command("up", f"staging={native()},asks")
    yield
    lab_command("down")
