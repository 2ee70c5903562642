"""Real test hosts on one Debian machine: `python -m lab up|down|status|shell HOST|reset HOST`.

For tests: ``lab.up(specs)``, ``lab.down()``, ``lab.reset(name)``, ``lab.reboot(name)`` and
``lab.run(name, command)``.
"""

from lab.hosts import down, reset, run, up
from lab.ready import reboot
from lab.spec import Spec, parse

__all__ = ["Spec", "down", "parse", "reboot", "reset", "run", "up"]
