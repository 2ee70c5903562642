"""The shapes cost a host nothing, and say what the program really writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from homeport.hostctl import shapes
from homeport.hostctl.transaction.journal import Journal
from tests.support.shop_host import Shop
from tests.support.shop_versions import NEW

ROOT = Path(__file__).parents[3]


def keys(shape: Any) -> set[str]:
    """Return the keys of a shape, and the one that every file has."""
    return {*shape.__annotations__, "version", "digest"}


def test_nothing_imports_the_shapes_when_the_program_runs() -> None:
    script = """
import importlib, pkgutil, sys
from homeport import hostctl
for module in pkgutil.walk_packages(hostctl.__path__, "homeport.hostctl."):
    if module.name not in ("homeport.hostctl.shapes", "homeport.hostctl.__main__"):
        importlib.import_module(module.name)
print("homeport.hostctl.shapes" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_what_the_program_writes_has_the_keys_that_its_shape_has(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    lines = [json.loads(line) for line in shop.place.journal.read_text().splitlines()]
    assert {key for line in lines for key in line} <= keys(shapes.JournalLine) | {"line"}
    assert set(json.loads(shop.place.lease.read_text())) == keys(shapes.Lease)
    shop.run("lock", "why", "--for", "2d")
    assert set(json.loads(shop.place.lock.read_text())) == keys(shapes.Lock)
    assert shop.run("confirm", "shop", lines[0]["id"]) == 0
    for line in shop.place.history.read_text().splitlines():
        assert set(json.loads(line)) == keys(shapes.HistoryRecord) | {"line"}
    assert set(json.loads(shop.place.processes.read_text())) <= keys(shapes.AppDocument)


def test_a_key_that_no_shape_has_is_found(shop: Shop) -> None:
    shop.deploy(NEW, confirm=False)
    journal = Journal.load(shop.place, shop.clock)
    assert journal is not None
    journal.note("soaked", mood="good")
    *_, last = shop.place.journal.read_text().splitlines()
    assert set(json.loads(last)) - keys(shapes.JournalLine) == {"mood", "line"}
