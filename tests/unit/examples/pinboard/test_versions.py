"""The other versions of the sample application: a good one to deploy, and a broken one to fail."""

import importlib
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.fixture
def patched(tmp_path, monkeypatch):
    """Returns the application with these patches applied, as a reader does it: its web module."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "examples/pinboard"), *sys.path])
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))

    def patched(*patches):
        for patch in patches:
            line = ["git", "apply", f"examples/versions/{patch}.patch"]
            # As if there were no repository around it: git looks above a temporary folder too.
            subprocess.run(line, cwd=tmp_path, env={"GIT_DIR": "/none"}, check=True)
        return importlib.import_module("pinboard.store"), importlib.import_module("pinboard")

    yield patched
    for name in [name for name in sys.modules if name.partition(".")[0] == "pinboard"]:
        del sys.modules[name]


def ready(store):
    with closing(store.connect(store.location())) as db:
        store.check(db)
        return True


def test_versions__the_good_one_is_another_version_and_gets_ready(patched):
    store, package = patched("1.1.0")
    assert package.__version__ == "1.1.0"
    assert ready(store)


@pytest.mark.parametrize("patches", [["broken"], ["1.1.0", "broken"], ["broken", "1.1.0"]])
def test_versions__the_broken_one_starts_and_never_gets_ready(patched, patches):
    store, _ = patched(*patches)
    with pytest.raises(store.Unavailable, match="no column named author"):
        ready(store)
    # What else uses the database goes on: it is the gate that has to see it.
    with closing(store.connect(store.location())) as db:
        assert store.latest(db, 10) == []
        assert store.beat(db, "here", 1.0) == 0


def test_versions__a_database_that_the_good_one_used_is_still_good_for_the_first(patched):
    store, _ = patched("1.1.0")
    with closing(store.connect(store.location())) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
    assert version == store.SCHEMA_VERSION == 1
