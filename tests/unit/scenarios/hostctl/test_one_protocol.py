"""What both sides must know stands once, in the protocol: nobody else spells it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeport.engine.host_programs import MARK
from homeport.hostctl import protocol

ROOT = Path(__file__).parents[4]
PYTHON = [
    path
    for folder in ("homeport", "operations")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "templates" not in path.parts and path.name != "protocol.py"
]
TEXTS = [
    *sorted((ROOT / "templates/host_programs").iterdir()),
    *sorted((ROOT / "templates/server").iterdir()),
]
PATHS = sorted(
    {
        *(protocol.PROGRAM, protocol.LIBRARY, protocol.BOOT_UNIT, protocol.UNITS, protocol.STATE),
        *(protocol.CONFIG, protocol.CACHE, protocol.SOCKETS, protocol.STAGE, protocol.BESIDE),
        *(protocol.SLOT_VARIABLE, protocol.HMAC_KEY, protocol.LAST_JOURNAL, protocol.APP_SPEC),
    }
)
"""What nobody says but who means it, wherever it stands in a text."""
NAMES = {
    *(protocol.ARMED, protocol.WRITING, protocol.ACTIVATING, protocol.RESTARTED, protocol.MUTEX),
    *(protocol.SWITCHED, protocol.SOAKED, protocol.CONFIRMED, protocol.REVERTING),
    *(protocol.UNCHANGED, *protocol.SLOTS),
}
"""Words that mean more than this in a longer text, and only this alone."""
NUMBERS = {protocol.TTL}
ALIKE = {
    "homeport/hostctl/snapshots/entry.py": {"activating"},
    "operations/bootstrap/system_services.py": {"activating"},
    "operations/proxy/kind.py": {"activating"},
}
"""States of systemd's units, by systemd's names."""


def literals(text: str) -> Iterator[tuple[int, object]]:
    """Yield each literal of a module by its line, docstrings left out."""
    tree = ast.parse(text)
    output = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in output:
            yield node.lineno, node.value


def doubles(text: str, alike: frozenset[str] = frozenset()) -> list[str]:
    """Return where a module says what the protocol says."""
    found = []
    for line, value in literals(text):
        if isinstance(value, str):
            known = [path for path in PATHS if path in value]
            known += [name for name in NAMES - alike if name == value]
            found += [f"{line}: {name}" for name in known]
        elif type(value) is int and value in NUMBERS:
            found.append(f"{line}: {value}")
    return found


def test_no_module_repeats_a_literal_of_the_protocol() -> None:
    wrong = {}
    for path in PYTHON:
        name = str(path.relative_to(ROOT))
        if output := doubles(path.read_text(), frozenset(ALIKE.get(name, ()))):
            wrong[name] = output
    assert wrong == {}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_template_repeats_a_literal_of_the_protocol(path: Path) -> None:
    text = path.read_text()
    assert [known for known in PATHS if known in text] == []
    assert all(hasattr(protocol, name) for name in MARK.findall(text))


@pytest.mark.parametrize(
    "line",
    [
        'HERE = "/var/lib/homeport"',
        'path = f"{root}/etc/homeport/{app}"',
        'beside = f"{path}.homeport-new"',
        'if record.get("outcome") == "confirmed": ...',
        'SLOTS = ["a", "b"]',
        "TTL = 900",
    ],
)
def test_a_literal_that_is_repeated_is_found(line: str) -> None:
    assert doubles(line) != []
    assert doubles(f'"""{line!r}"""\n') == []


def test_every_name_of_the_protocol_is_of_use_to_somebody() -> None:
    names = [name for name in vars(protocol) if name.isupper()]
    output = "\n".join(path.read_text() for path in [*PYTHON, *TEXTS])
    output += (ROOT / "homeport/hostctl/protocol.py").read_text()
    lone = [name for name in names if len(re.findall(rf"\b{name}\b", output)) < 2]
    assert [name for name in lone if f"@{name}@" not in output] == []
