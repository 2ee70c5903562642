"""A page of what the hosts of an inventory should have.

``python -m tools.docgen.overview INVENTORY``

It is made from their descriptions. No host is asked, and no secret is read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from homeport.description.app_build import redacted_secrets, root
from homeport.description.host import application_of, describe_host, target_of
from homeport.errors import UserError
from homeport.hostctl.protocol import SLOTS
from homeport.manifest import App
from homeport.pyinfra_adapter.inventory import InventoryHost, InventoryProcess, located
from tools.docgen.markdown import code, codes, table
from tools.docgen.sections import sections

HEAD = """\
# The environment of {inventory}

<!-- Made by `{command}`: a change made here is lost. -->

What these hosts should have, as `app.yml`, group_data and the inventory describe it. Whether they
have it is for the specs to say: `pytest tests/production --inventory={inventory}`. Secrets are
named, and never shown.
"""
RUNS = ("processes", "schedules")
CONNECTION = ("ssh_hostname", "ssh_port", "ssh_user")


def page(inventory: str, rows: Sequence[InventoryHost], command: str) -> str:
    """Return the page of these hosts; raises ``UserError`` where a description can't be made."""
    told: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(_host(row), []).append(row.name)
    parts = [HEAD.format(inventory=inventory, command=command), f"## Hosts\n\n{_hosts(rows)}"]
    parts += [f"## {', '.join(names)}\n\n{text}" for text, names in told.items()]
    return "\n".join(parts)


def _hosts(rows: Sequence[InventoryHost]) -> str:
    return table([dict(_told_of(row)) for row in rows])


def _told_of(row: InventoryHost) -> Iterator[tuple[str, str]]:
    target = target_of(application_of(row.data), row.data)
    yield "host", code(row.name)
    yield "groups", codes(sorted(set(row.groups)))
    yield from ((key, code(str(row.data.get(key) or ""))) for key in CONNECTION)
    yield "sudo", "yes" if row.data.get("_sudo") else "no"
    yield from (("architecture", target.architecture), ("Debian", target.debian))
    yield "Python", target.python


def _host(row: InventoryHost) -> str:
    app, description = (
        application_of(row.data),
        describe_host(row.data, row.name, secrets=redacted_secrets),
    )
    parts = [f"### Application\n\n{_application(app)}"]
    parts += [f"### {kind.capitalize()}\n\n{text}" for kind, text in _running(app)]
    parts.append(sections(description))
    return "\n".join(parts)


def _application(app: App) -> str:
    said = app.model_dump(mode="json", exclude_defaults=True, exclude={*RUNS, "secrets", "hooks"})
    rows = [{"key": key, "value": code(value)} for key, value in _flat(said)]
    rows += [{"key": f"secrets.{name}", "value": "not shown"} for name in app.secrets]
    return table(rows)


def _running(app: App) -> Iterator[tuple[str, str]]:
    for kind in RUNS:
        named = getattr(app, kind)
        rows = [
            {"name": code(name), "unit": codes(_units(app, name))}
            | {key: code(value) for key, value in _flat(_said(part))}
            for name, part in named.items()
        ]
        if rows:
            yield kind, table(rows)


def _units(app: App, name: str) -> list[str]:
    process = app.processes.get(name)
    if process is None or not process.slotted:
        return [app.unit(name)]
    return [f"{app.unit(name)}@{slot}" for slot in SLOTS]


def _said(part: BaseModel) -> dict[str, object]:
    # The command is told with its unit, as it runs: with the port or the socket in it.
    return part.model_dump(mode="json", exclude_defaults=True, exclude={"command"})


def _flat(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        match value:
            case dict():
                yield from _flat(value, f"{above}{name}.")
            case list() | tuple():
                yield f"{above}{name}", ", ".join(map(str, value))
            case bool():
                yield f"{above}{name}", "yes" if value else "no"
            case _:
                yield f"{above}{name}", str(value)


def main(arguments: Sequence[str]) -> int:
    """Print the page of one inventory; a mistake is one message, and exit code 1."""
    try:
        if len(arguments) != 1:
            fix = "run `python -m tools.docgen.overview inventories/pi.py`"
            raise UserError("one inventory is needed", fix=fix)
        (inventory,) = arguments
        rows = InventoryProcess(located(inventory, Path.cwd()), root()).rows()
        print(page(inventory, rows, f"python -m tools.docgen.overview {inventory}"), end="")
    except UserError as mistake:
        print(mistake, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
