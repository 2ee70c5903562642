"""Real test hosts on one Debian machine: `python -m lab up|down|status|shell HOST|reset HOST`.

For tests: ``lab.up(specs)``, ``lab.copy(name, names)``, ``lab.down()``, ``lab.reset(name)``,
``lab.reboot(name)`` and ``lab.run(name, command)``.
"""

from lab.copies import copy
from lab.hosts import down, reset, run, up
from lab.ready import reboot
from lab.spec import Spec, parse

__all__ = ["Spec", "copy", "down", "parse", "reboot", "reset", "run", "up"]
