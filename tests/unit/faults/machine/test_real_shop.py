from __future__ import annotations

import json

from tests.faults.machine.real_shop import ASK, TEXTS, UNPACK, WEB, WORK, WRITER, real
from tests.support.shop_versions import NEW


def test_real_shop__has_the_paths_of_the_models_and_units_that_say_whose_they_are() -> None:
    model, machine = NEW.files(), real(NEW).files()
    assert {name: list(files) for name, files in machine.items()} == {
        name: list(files) for name, files in model.items()
    }
    units = {path.rpartition("/")[2]: text for path, text in machine["units"].items()}
    assert units == {
        name: f"# {model['units'][path]}\n{TEXTS[name]}"
        for path in machine["units"]
        for name in [path.rpartition("/")[2]]
    }
    spec = json.loads(machine["files"]["/etc/homeport/shop/processes.json"])
    assert spec["release"] == "/srv/shop/releases/v2"


def test_real_shop__what_runs_on_the_machine_can_be_read_by_python() -> None:
    for text in (ASK, UNPACK, WEB, WORK, WRITER):
        compile(text, "there", "exec")
