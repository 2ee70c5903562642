"""The host of a scenario that goes from one version of the sample application to another."""

import os
import runpy

_lab = runpy.run_path("inventories/lab.py")
_app = {
    # A test alone uses this host: no patience with a version that never gets ready, and what is
    # watched a second is watched long enough.
    "processes": {"web": {"health": {"start_period": 15}}},
    "release": {"soak": 1, "drain_timeout": 1},
}
if _source := os.environ.get("SCENARIO_SOURCE"):
    _app["source"] = _source

staging = [(name, {**data, "app": _app}) for name, data in _lab["staging"]]
