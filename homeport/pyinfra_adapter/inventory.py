"""Which hosts there are: read by pyinfra itself, as a deploy reads them; nothing connects."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeport.errors import UserError


@dataclass(frozen=True)
class InventoryHost:
    """One host of an inventory: its groups, and its data as pyinfra merges them."""

    name: str
    groups: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


class InventoryProcess:
    """pyinfra at work on an inventory: it takes a second, in which others can work too."""

    def __init__(self, inventory: str, project: Path, data: Sequence[str] = ()) -> None:
        self.inventory = inventory
        pyinfra = Path(sys.executable).with_name("pyinfra")
        command = [str(pyinfra), "--json", *(f"--data={pair}" for pair in data), inventory]
        command.append("debug-inventory")
        try:
            self._process = subprocess.Popen(
                command,
                cwd=project,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            fix = f"use the virtual environment that has pyinfra, not {sys.prefix}"
            raise UserError(f"{pyinfra} can't be run: {error.strerror}", fix=fix) from None

    def rows(self) -> tuple[InventoryHost, ...]:
        """Return the hosts; raises ``UserError`` if there is none or the inventory is broken."""
        stdout, stderr = self._process.communicate()
        return parse(self.inventory, self._process.returncode, stdout, stderr)


def located(inventory: str, here: Path) -> str:
    """Return the inventory as pyinfra, run in the project, understands it.

    A path may be relative to where the user is; anything else is a list of hosts.
    """
    path = here / inventory
    return str(path.resolve()) if path.is_file() else inventory


def parse(inventory: str, code: int, stdout: str, stderr: str) -> tuple[InventoryHost, ...]:
    """Return what ``debug-inventory`` printed; raises ``UserError``."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    reasons = [line for line in lines if not line.startswith("-->")]
    if code != 0:
        reason = reasons[-1] if reasons else f"pyinfra exits with {code}"
        raise _broken(inventory, reason)
    try:
        found = json.loads(stdout)
        rows = tuple(
            InventoryHost(row["name"], tuple(row["groups"]), dict(row["data"])) for row in found
        )
    except (ValueError, KeyError, TypeError):
        raise _broken(inventory, "pyinfra's answer can't be parsed") from None
    if not rows:
        raise _broken(inventory, reasons[-1] if reasons else "there is no host in it")
    return rows


def limited(rows: Sequence[InventoryHost], limit: str | None) -> tuple[InventoryHost, ...]:
    """Return the hosts that are named, by name or group; raises ``UserError`` for an unknown
    one."""
    if limit is None:
        return tuple(rows)
    wanted = [name.strip() for name in limit.split(",")]
    for name in wanted:
        if not any(_is(row, name) for row in rows):
            known = ", ".join(row.name for row in rows)
            raise UserError(f"{name!r} is not a host of the inventory", fix=f"name one of: {known}")
    return tuple(row for row in rows if any(_is(row, name) for name in wanted))


def _is(row: InventoryHost, name: str) -> bool:
    return name == row.name or name in row.groups


def _broken(inventory: str, reason: str) -> UserError:
    text, fixes, fix = reason.rpartition(". Fix: ")
    if fixes and not text.startswith("Error: "):  # config.py judged it, in one line that says all
        return UserError(text, fix=fix)
    fix = f"see what `pyinfra {inventory} debug-inventory` says"
    what = reason.removeprefix("Error: ").removeprefix(f"{inventory} ")
    return UserError(what, fix=fix, file=inventory)
