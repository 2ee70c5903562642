"""The sample application's modules, importable during its own tests and nowhere else."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

APPLICATION = Path(__file__).parents[4] / "examples" / "pinboard"


@pytest.fixture
def application():
    """Where the sample application's source is."""
    return APPLICATION


@pytest.fixture
def pinboard(monkeypatch):
    """The modules that need nothing but the standard library."""
    monkeypatch.setattr(sys, "path", [str(APPLICATION), *sys.path])
    names = ("store", "worker", "tidy", "notify")
    yield SimpleNamespace(**{name: importlib.import_module(f"pinboard.{name}") for name in names})
    for name in [name for name in sys.modules if name.partition(".")[0] == "pinboard"]:
        del sys.modules[name]


@pytest.fixture
def path(tmp_path):
    """Where a test's database goes."""
    return tmp_path / "pinboard.sqlite3"


@pytest.fixture
def db(pinboard, path):
    """A database that is ready for use."""
    connection = pinboard.store.connect(path)
    yield connection
    connection.close()
