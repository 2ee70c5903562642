"""The host program lies alone on a host: it needs that host's own Python, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import homeport.hostctl

PACKAGE = Path(homeport.hostctl.__path__[0])
SOURCES = sorted(PACKAGE.rglob("*.py"))


def test_the_host_program_imports_the_standard_library_and_itself_alone() -> None:
    foreign = {
        f"{source.relative_to(PACKAGE)}: {name}"
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        for name in _absolute(node, len(source.relative_to(PACKAGE).parts))
        if name.partition(".")[0] not in sys.stdlib_module_names
    }
    assert SOURCES
    assert foreign == set()


def test_the_host_program_is_found_where_it_lies_alone(tmp_path: Path) -> None:
    (tmp_path / "hostctl").symlink_to(PACKAGE)
    paths = [s.relative_to(PACKAGE.parent).with_suffix("") for s in SOURCES]
    modules = [".".join(p.parts) for p in paths if p.stem not in ("__init__", "__main__")]
    (tmp_path / "__main__.py").write_text("".join(f"import {module}\n" for module in modules))
    alone = subprocess.run([sys.executable, "-I", "-S", "-B", tmp_path], capture_output=True)
    assert (alone.returncode, alone.stderr) == (0, b"")


def _absolute(node: ast.AST, depth: int) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""] if node.level == 0 else ["" for _ in range(node.level - depth)]
    return []
