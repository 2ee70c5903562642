"""The tables of a unit file, for a person: what it runs, when, within what, and where it writes."""

from __future__ import annotations

from collections.abc import Iterable

from homeport.hostctl.protocol import SLOTS
from tools.docgen.markdown import Row, code, codes

PLACES = {"State": "/var/lib", "Cache": "/var/cache", "Logs": "/var/log", "Runtime": "/run"}
MODE = "755"
"""What systemd gives a directory if the unit doesn't say."""


def read(text: str) -> dict[str, list[str]]:
    """Return the directives of a unit file by name, each with its values in order."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            found.setdefault(name.strip(), []).append(value.strip())
    return found


def service(name: str, text: str) -> Row:
    """Return the row of a unit that runs something."""
    values = read(text)
    return {
        "unit": code(name),
        "runs": codes(_without_program(line) for line in values.get("ExecStart", ())),
        "as": code(" ".join(values.get("User", ["root"]))),
        "memory at most": " ".join(values.get("MemoryMax", ())),
        "tasks at most": " ".join(values.get("TasksMax", ())),
        "restarts": " ".join(values.get("Restart", ())),
        "watchdog": " ".join(f"{value} s" for value in values.get("WatchdogSec", ())),
    }


def timer(name: str, text: str) -> Row:
    """Return the row of a timer: every ``On...=`` of it."""
    when = [
        f"{directive}={value}"
        for directive, values in read(text).items()
        for value in values
        if directive.startswith("On")
    ]
    return {"timer": code(name), "when": codes(when)}


def directories(texts: Iterable[str]) -> list[Row]:
    """Return the rows of the directories that systemd makes for units, by ``StateDirectory=``."""
    found: dict[str, Row] = {}
    for values in map(read, texts):
        user, group = values.get("User", ["root"])[-1], values.get("Group", ["root"])[-1]
        for kind, place in PLACES.items():
            mode = values.get(f"{kind}DirectoryMode", [MODE])[-1].lstrip("0")
            owner = f"{user}:{group}"
            for name in " ".join(values.get(f"{kind}Directory", ())).split():
                for path in _instances(f"{place}/{name}"):
                    what = "directory, by systemd"
                    found[path] = {"path": code(path), "what": what, "mode": mode, "owner": owner}
    return list(found.values())


def _instances(path: str) -> list[str]:
    return [path.replace("%i", slot) for slot in (SLOTS if "%i" in path else SLOTS[:1])]


def _without_program(command: str) -> str:
    # Our own program only finds the release and starts the rest: it is the same for every unit.
    program, _, rest = command.partition(" ")
    return rest if program.endswith("/bin/run") and rest else command
