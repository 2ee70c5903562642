"""What is asked of a host that only this job has, and what is wrong with the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import quote

from packaging.utils import canonicalize_name

from benchmarks.expected_state import UNITS, Wanted

TOOLS = {"pip", "setuptools"}
"""What a fresh venv has, which is not part of the job."""
# Only the venv's own packages: no contender lets in what the system's Python has.
TELL = """
import sys
from importlib.metadata import distributions
print("prefix", sys.prefix != sys.base_prefix)
for found in distributions(path=[p for p in sys.path if p.startswith(sys.prefix + "/")]):
    print("package", found.metadata["Name"], found.version)
print("system", any(p.endswith("/dist-packages") for p in sys.path))
"""


def questions(wanted: Wanted) -> dict[str, str]:
    """Return the shell that asks, by name."""
    units = " ".join(f"{wanted.app}-{unit}" for unit in UNITS)
    folders = "".join(
        f"printf 'in %s\\n' {quote(folder)}\nls -A {quote(folder)}\n" for folder in wanted.listings
    )
    return {
        "listings": folders,
        "venv": f"{quote(wanted.python)} -I -B -c {quote(TELL)}\n",
        "units": f"""\
for unit in {units}; do
  echo "$unit $(systemctl is-active "$unit" || :) $(systemctl is-enabled "$unit" || :)"
done
""",
        # Only a worker that is ready answers, and a gunicorn that says so may still be loading.
        "web": f"""\
curl --silent --show-error --fail --max-time 60 --retry 30 --retry-delay 1 --retry-connrefused \
http://127.0.0.1:{wanted.port}/health
""",
        "worker": f"systemctl show --property StatusText --value {wanted.app}-worker.service\n",
        "tick": f"systemctl start {wanted.app}-tick.service && echo ran\n",
    }


def listing_faults(wanted: Wanted, answer: str) -> list[str]:
    """Return which files are in a folder that should not be, and which are not."""
    found: dict[str, set[str]] = {}
    for line in answer.splitlines():
        if line.startswith("in /"):
            names = found.setdefault(line.removeprefix("in "), set())
        else:
            names.add(line)
    wrong = []
    for folder, should in wanted.listings.items():
        has = found.get(folder, set()) - {"__pycache__"}
        wrong += [f"{folder}/{name} should not be there" for name in sorted(has - should)]
        wrong += [f"{folder}/{name} is not there" for name in sorted(should - has)]
    return wrong


def venv_faults(wanted: Wanted, answer: str) -> list[str]:
    """Return how the packages of the venv differ from the lock."""
    lines = [line.split() for line in answer.splitlines()]
    has = {canonicalize_name(line[1]): line[2] for line in lines if line[0] == "package"}
    wrong = [] if ["prefix", "True"] in lines else ["it is no venv"]
    if ["system", "False"] not in lines:
        wrong.append("the system's packages are let in")
    for name in sorted(wanted.versions.keys() | has.keys() - TOOLS):
        there, locked = has.get(name, "missing"), wanted.versions.get(name, "not in the lock")
        if there != locked:
            wrong.append(f"{name} is {there}; the lock says {locked}")
    return wrong


def unit_faults(wanted: Wanted, answer: str) -> list[str]:
    """Return which units don't run, or would not after a reboot."""
    found = dict(line.split(" ", 1) for line in answer.splitlines())
    return [
        f"{unit} is {state}, not active enabled"
        for unit in (f"{wanted.app}-{name}" for name in UNITS)
        if (state := found.get(unit, "unknown")) != "active enabled"
    ]


def started_faults(wanted: Wanted, answer: str) -> list[str]:
    """Return how a process was started with something else than what is there now."""
    try:
        settings = json.loads(answer)
    except ValueError:
        return [f"it says {answer[:200]!r}"]
    if not isinstance(settings, Mapping):
        return [f"it says {answer[:200]!r}"]
    return [
        f"it was started with {key} {settings.get(key)!r}, not {value!r}"
        for key, value in wanted.started.items()
        if settings.get(key) != value
    ]
