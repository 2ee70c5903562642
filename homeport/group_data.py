"""Where a host's data comes from: the file and the line to mend, not just the name of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyinfra.api.host import Host

from homeport.errors import Mistake
from homeport.manifest import Mistakes
from homeport.whereabouts import line_of

FOLDER = Path("group_data")
WHERE = str(FOLDER)
"""What stands for the file in a mistake that was made without knowing the host."""


def placed(mistake: Mistake, host: Host) -> Mistake:
    """Return the mistake, with the file and line of this host's data that made it."""
    if isinstance(mistake, Mistakes):
        return Mistakes([placed(each, host) for each in mistake.mistakes])
    if mistake.file != WHERE:
        return mistake
    file, line = next(_places(mistake.key or "", host), (WHERE, None))
    return Mistake(mistake.what, mend=mistake.mend, file=file, line=line, key=mistake.key)


def _places(key: str, host: Host) -> Iterator[tuple[Path | str, int | None]]:
    # A key is one of the data itself, or one of app.yml that the data's app sets.
    for variable, keys in ((key, ()), ("app", tuple(key.split(".")))):
        # In pyinfra's order: what comes first wins.
        if variable in host.inventory.override_data:
            yield "--data", None
        if variable in host.inventory.get_host_data(host.name):
            yield "inventory", None
        for group in (*reversed(host.groups), "all"):
            file = FOLDER / f"{group}.py"
            if (line := line_of(file, variable, keys)) is not None:
                yield file, line
