"""The generated pages: ``make docs``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from homeport.description.app_build import root
from homeport.errors import UserError
from homeport.manifest.schema.json_schema import schema
from homeport.manifest.schema.key_reference import keys
from homeport.pyinfra_adapter.inventory import InventoryProcess
from tools.docgen.markdown import code, escaped, table
from tools.docgen.overview import page

PROJECT = root()
COMMAND = "make docs"
INVENTORY = "inventories/pi.py"
KEYS = re.compile(r"(?<=<!-- keys: made by `make docs` -->\n).*(?=<!-- end of keys -->)", re.S)


def environment() -> str:
    """Return the page of what the Pis in production should have; raises ``UserError``."""
    rows = InventoryProcess(INVENTORY, PROJECT).rows()
    return page(INVENTORY, rows, COMMAND, "Production environment")


def reference() -> str:
    """Return the quick reference, with every key of app.yml as the schema describes it."""
    text = (root() / "docs/quick-reference.md").read_text()
    return KEYS.sub(lambda _: f"\n{_keys()}\n", text)


def _keys() -> str:
    rows = []
    for key in keys():
        notes = [" Needed."] * key.needed
        notes += [f" Default: {code(json.dumps(key.default))}."] * (key.default is not None)
        rows.append({"key": code(key.path), "is": escaped(key.description) + "".join(notes)})
    return table(rows)


def app_schema() -> str:
    """Return the JSON schema of app.yml, for editors."""
    return f"{json.dumps(schema(), indent=2)}\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/app.schema.json": app_schema,
    "docs/production-environment.md": environment,
    "docs/quick-reference.md": reference,
}


def main() -> int:
    """Write every page anew; an error is one message, and exit code 1."""
    try:
        made = {path: make() for path, make in PAGES.items()}
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    for path, text in made.items():
        Path(root() / path).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
