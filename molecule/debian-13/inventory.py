"""The lab's hosts, all of them Debian 13: group_data/trixie.py says how such a host differs."""

import runpy

_lab = runpy.run_path("inventories/lab.py")

trixie = [*_lab["laptop"], *_lab["staging"], *_lab["pi"]]
