"""The generated pages: ``make docs``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from homeport.description.app_build import root
from homeport.errors import UserError
from homeport.manifest.schema.json_schema import schema
from homeport.manifest.schema.key_reference import keys
from homeport.pyinfra_adapter.inventory import InventoryProcess
from tools.docgen.hardening import hardening
from tools.docgen.kills import kills
from tools.docgen.markdown import code, escaped, table
from tools.docgen.overview import page
from tools.docgen.promises import machine_cuts, power_cuts, sections, spec_faults

PROJECT = root()
COMMAND = "make docs"
INVENTORY = "inventories/pi.py"


def environment() -> str:
    """Return the page of what the Pis in production should have; raises ``UserError``."""
    rows = InventoryProcess(INVENTORY, PROJECT).rows()
    return page(INVENTORY, rows, COMMAND, "Production environment")


def reference() -> str:
    """Return the quick reference, with every key of app.yml as the schema describes it."""
    return _filled("docs/quick-reference.md", keys=_keys())


def _keys() -> str:
    rows = []
    for key in keys():
        notes = [" Needed."] * key.needed
        notes += [f" Default: {code(json.dumps(key.default))}."] * (key.default is not None)
        rows.append({"key": code(key.path), "is": escaped(key.description) + "".join(notes)})
    return table(rows)


def security() -> str:
    """Return the threat model, with every promise that it makes, and figures of a host."""
    return _filled("docs/security.md", promises=sections(PROJECT), hardening=hardening(PROJECT))


def reliability() -> str:
    """Return the page of what befalls hosts, with the figures of the last long runs."""
    parts = {
        "cuts": power_cuts(PROJECT),
        "kills": kills(PROJECT),
        "machine": machine_cuts(PROJECT),
        "faults": spec_faults(PROJECT),
    }
    return _filled("docs/reliability.md", promises=sections(PROJECT), **parts)


def _filled(path: str, **parts: str) -> str:
    text = (root() / path).read_text()
    for name, part in parts.items():
        begin, end = f"<!-- {name}: made by `make docs` -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{part}\n{end}{rest.partition(end)[2]}"
    return text


def app_schema() -> str:
    """Return the JSON schema of app.yml, for editors."""
    return f"{json.dumps(schema(), indent=2)}\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/app.schema.json": app_schema,
    "docs/production-environment.md": environment,
    "docs/quick-reference.md": reference,
    "docs/reliability.md": reliability,
    "docs/security.md": security,
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
