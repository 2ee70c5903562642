"""What rests on private names is in one table, fits what is installed, and stands in one room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from inspect import ismodule
from pathlib import Path

import pytest
from pyinfra import api

from homeport.pyinfra_adapter.table import IN_C, PATCHES, Patch, faults

ROOT = Path(__file__).parents[3]
ROOMS = ("homeport/openssh", "homeport/pyinfra_adapter", "homeport/ssh")
"""Where private names may stand: the adapter, and the seam to the connection."""
PUBLIC = {
    *("init", "connect", "callback", "should_check_for_changes"),
    *("style", "SSHConnector", "SSHClient", "StringCommand"),
}
"""Last parts of a row's name that a module may write: ours has them too, or pyinfra tells them."""
STAND_INS = ("benchmarks/scale/simulated.py",)
"""What takes the place of a connector, and so has its private names."""
EXPORTS: dict[str, set[str]] = {
    "pyinfra": {"config", "facts", "host", "inventory", "local", "logger", "operations", "state"},
    "pyinfra.api": {name for name, value in vars(api).items() if not ismodule(value)},
    "pyinfra.api.command": {"FunctionCommand", "PyinfraCommand", "QuoteString", "StringCommand"},
    "pyinfra.api.config": {"Config"},
    # What a connector is made of: pyinfra takes those of others by an entry point.
    "pyinfra.connectors.base": {"BaseConnector", "DataMeta"},
    "pyinfra.api.output": {"echo", "format_text", "set_formatter"},
    "pyinfra.api.util": {"get_file_io"},
    "pyinfra.api.connect": {"connect_all"},
    "pyinfra.api.exceptions": {name for name in vars(api.exceptions) if name.endswith("Error")},
    "pyinfra.api.host": {"Host", "HostData"},
    "pyinfra.api.inventory": {"Inventory"},
    "pyinfra.api.operation": {"add_op", "operation"},
    "pyinfra.api.operations": {"run_ops"},
    "pyinfra.api.state": {"BaseStateCallback", "State", "StateStage"},
}
"""What pyinfra offers to programs, by module; its operations and facts besides."""
MODULES = ("pyinfra", "pyinfra_cli")
LIBRARY = ("homeport", "operations", "deploys", "kinds", "tools")
BESIDES = ("lab", "benchmarks", "tests/production")


def sources(*folders: str, rooms: bool = False) -> list[Path]:
    found = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    found += [ROOT / "config.py", ROOT / "deploy.py"]
    return [
        file
        for file in found
        if (name := str(file.relative_to(ROOT))) not in STAND_INS
        and name.startswith(ROOMS) is rooms
    ]


def private_names() -> set[str]:
    names = {name for row in PATCHES for name in (row.name.split(".")[-1], *row.touches)}
    return names - PUBLIC


def touched(source: str, names: set[str]) -> Iterator[str]:
    """Yield what a source touches of these names, of pyinfra's command line and of its stack."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) if name in names:
                yield name
            case ast.ImportFrom(module=module, names=aliases):
                yield from (alias.name for alias in aliases if alias.name in names)
                if str(module).split(".")[0] == "pyinfra_cli":
                    yield "pyinfra_cli"
            case ast.Import(names=aliases):
                yield from ("pyinfra_cli" for a in aliases if a.name.split(".")[0] == "pyinfra_cli")
            case ast.Constant(value=str(text)) if text.split(".")[0] == "pyinfra_cli":
                yield "pyinfra_cli"


def private_imports(source: str) -> Iterator[tuple[str, str]]:
    """Yield what a source imports that pyinfra doesn't offer to programs: the module, the name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module), names=aliases):
                names = [(module, alias.name) for alias in aliases]
            case ast.Import(names=aliases):
                names = [(alias.name, "") for alias in aliases if alias.name != "pyinfra"]
            case _:
                continue
        for module, name in names:
            ours = module.split(".")[0] not in MODULES
            theirs = module.startswith(("pyinfra.operations", "pyinfra.facts"))
            known = name in EXPORTS.get(module, ())
            if not (ours or theirs or known):
                yield module, name


def test_each_row_fits_the_pyinfra_that_is_installed() -> None:
    # In a process of its own: pyinfra's command line patches the standard library.
    code = (
        "from homeport.pyinfra_adapter.table import *; print(*faults(PATCHES), sep='\\n', end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


@pytest.mark.parametrize("row", PATCHES, ids=lambda row: f"{row.module}.{row.name}")
def test_a_row_says_why_and_what_it_costs_and_hides_no_hash(row: Patch) -> None:
    assert row.why
    assert row.cost
    assert row.sha256 or not row.module.startswith("pyinfra")


def test_no_name_has_two_rows() -> None:
    names = [(row.module, row.name) for row in PATCHES]
    assert len(names) == len(set(names))


def test_a_source_that_has_changed_names_the_row_to_look_at() -> None:
    row = next(row for row in PATCHES if row.name == "progress_spinner")
    (line,) = faults((replace(row, sha256="0" * 64),))
    assert line.startswith(f"pyinfra.progress.progress_spinner ({row.why}): it has changed. Fix: ")
    assert row.sha256 in line


@pytest.mark.parametrize(
    ("module", "name"), [("pyinfra.no_such", "x"), ("pyinfra.progress", "no_such")]
)
def test_a_name_that_is_gone_says_what_that_costs(module: str, name: str) -> None:
    row = Patch(module, name, "replaced: a reason", "a price", "0")
    (line,) = faults((row,))
    assert line == (
        f"{module}.{name} (replaced: a reason): it is gone. Fix: do without it; it costs: a price"
    )


def test_what_is_written_in_c_is_there() -> None:
    assert list(faults((Patch("os", "_exit", "why", "cost", IN_C),))) == []


def test_no_other_module_imports_what_pyinfra_keeps_to_itself() -> None:
    found = {
        str(file.relative_to(ROOT)): hits
        for file in sources(*LIBRARY, *BESIDES)
        if (hits := list(private_imports(file.read_text())))
    }
    assert found == {}


def test_each_private_import_of_the_adapter_and_the_connection_has_a_row() -> None:
    rows = {(row.module, row.name.split(".")[0]) for row in PATCHES}
    rows |= {tuple(row.module.rpartition(".")[::2]) for row in PATCHES}
    rooms = sources(*ROOMS, rooms=True)
    found = {hit for file in rooms for hit in private_imports(file.read_text())}
    assert found - rows == set()
    assert ("pyinfra.connectors.util", "OutputLine") in found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from pyinfra.context import ctx_host", ("pyinfra.context", "ctx_host")),
        ("import pyinfra.context", ("pyinfra.context", "")),
        ("from pyinfra import context", ("pyinfra", "context")),
        ("from pyinfra.api import arguments", ("pyinfra.api", "arguments")),
        ("from pyinfra.api.state import StateHostMeta", ("pyinfra.api.state", "StateHostMeta")),
        (
            "def f():\n    from pyinfra.connectors.util import CommandOutput",
            ("pyinfra.connectors.util", "CommandOutput"),
        ),
    ],
)
def test_a_private_import_is_found(source: str, found: tuple[str, str]) -> None:
    assert list(private_imports(source)) == [found]


@pytest.mark.parametrize(
    "source",
    [
        "import pyinfra",
        "from pyinfra import host, local, logger",
        "from pyinfra.api import StringCommand, operation",
        "from pyinfra.api.exceptions import ConnectError",
        "from pyinfra.operations import server",
        "from pyinfra.operations.util import any_changed",
        "from pyinfra.facts.server import Hostname",
    ],
)
def test_an_import_of_what_pyinfra_offers_is_none(source: str) -> None:
    assert not list(private_imports(source))


def test_private_names_stand_in_the_adapter_and_the_connection_alone() -> None:
    names = private_names()
    found = {
        str(file.relative_to(ROOT)): sorted(hits)
        for file in sources(*LIBRARY)
        if (hits := set(touched(file.read_text(), names)))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pyinfra_cli.cli",
        "from pyinfra_cli import cli",
        "import_module('pyinfra_cli.cli')",
        "state.failed_hosts.add(host)",
        "from pyinfra.api.arguments import pop_global_arguments",
        "os._exit(1)",
    ],
)
def test_a_module_that_touches_one_is_found(source: str) -> None:
    assert list(touched(source, private_names()))
