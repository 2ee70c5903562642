"""What runs once: it has, it has said so, and only root can take that back."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.services.resources import RunOnce

RECORD_KEYS = ("when", "release", "command")


def question(description: DesiredState) -> str:
    """Return the shell that prints each record, and how each unit ended."""
    return "".join(map(_question, description.of(RunOnce))) or ":"


def _question(once: RunOnce) -> str:
    record, unit = quote(once.record), quote(once.unit)
    return f"""\
stat -c 'at %n %F %a %U:%G' -- {record} 2>/dev/null || :
sed {quote(f"s|^|said {once.record} |")} {record} 2>/dev/null || :
echo result {unit} "$(systemctl show --value -p Result {unit})"
"""


def faults(once: RunOnce, answer: str) -> list[str]:
    """Return why it is not known to have been done."""
    lines = answer.splitlines()
    there = [line for line in lines if line.startswith(f"at {once.record} ")]
    if not there:
        return [f"it was never done: there is no {once.record}"]
    wrong = []
    if there != [f"at {once.record} regular file 600 root:root"]:
        wrong.append(f"its record is a {there[0].removeprefix(f'at {once.record} ')}")
    entries = [line.split(" ", 3) for line in lines if line.startswith(f"said {once.record} ")]
    keys = {words[2] for words in entries if len(words) == 4 and words[3]}
    wrong += [f"its record doesn't say {what}" for what in RECORD_KEYS if what not in keys]
    results = [line.split()[2:] for line in lines if line.startswith(f"result {once.unit}")]
    if results != [["success"]]:
        wrong.append(f"its last run ended with {results}")
    return wrong
