"""Real test hosts on one Debian machine: `python -m lab up|down|status|shell HOST|reset HOST`.

For tests: ``lab.up(specs)``, ``lab.down()``, ``lab.reset(name)``, ``lab.reboot(name)``,
``lab.run(name, command)``, and ``lab.snapshot(name, label)``, which hosts are made from by
``lab.restore(name, label)`` and ``lab.clone(label, names)``.
"""

from lab.hosts import down, reset, run, up
from lab.ready import reboot
from lab.snapshots import clone, restore, snapshot
from lab.spec import Spec, parse

__all__ = [
    "Spec",
    "clone",
    "down",
    "parse",
    "reboot",
    "reset",
    "restore",
    "run",
    "snapshot",
    "up",
]
