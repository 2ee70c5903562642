"""A laptop for the promises: this machine, with a folder for an ordinary user on it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laptop.laptop import Laptop

EDITED = ("app.yml", "secrets/pinboard-token", "examples/pinboard/pinboard/__init__.py")


@pytest.fixture(scope="session")
def machine() -> Iterator[Laptop]:
    """Return the one laptop of all promises, in a folder that any user may reach."""
    folder = Path(tempfile.mkdtemp(prefix="homeport-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield Laptop(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def laptop(machine: Laptop) -> Iterator[Laptop]:
    """Return the laptop as whatever promise came before has left it; edits are taken back."""
    before = {name: (machine.folder / name).read_bytes() for name in EDITED}
    yield machine
    for name, content in before.items():
        (machine.folder / name).write_bytes(content)


@pytest.fixture
def fresh(laptop: Laptop) -> Laptop:
    """Return a laptop to which nothing was ever deployed."""
    shutil.rmtree(laptop.local, ignore_errors=True)
    laptop.hook.unlink(missing_ok=True)
    return laptop


@pytest.fixture
def deployed(laptop: Laptop) -> Laptop:
    """Return a laptop that is as described."""
    laptop.converge()
    return laptop
