"""The lab's hosts (`python -m lab up`): each in the group that says what kind of host it plays."""

import sys
from pathlib import Path

# pyinfra runs this file with the project as working directory, but not on the import path.
sys.path.insert(0, str(Path.cwd()))

from lab.paths import place
from lab.state import inventory_groups, require

_groups = inventory_groups(require(place()), place())

laptop = _groups["laptop"]
staging = _groups["staging"]
pi = _groups["pi"]
