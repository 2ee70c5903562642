"""The host program lies alone on a host: it needs that host's own Python, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import homeport.release

SOURCES = sorted(Path(homeport.release.__path__[0]).glob("*.py"))


def test_the_host_program_imports_the_standard_library_and_itself_alone() -> None:
    foreign = {
        f"{source.name}: {name}"
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        for name in _absolute(node)
        if name.partition(".")[0] not in sys.stdlib_module_names
    }
    assert SOURCES
    assert foreign == set()


def test_the_host_program_is_found_where_it_lies_alone(tmp_path: Path) -> None:
    (tmp_path / "release").symlink_to(Path(homeport.release.__path__[0]))
    modules = [f"release.{s.stem}" for s in SOURCES if s.stem not in ("__init__", "__main__")]
    (tmp_path / "__main__.py").write_text("".join(f"import {module}\n" for module in modules))
    alone = subprocess.run([sys.executable, "-I", "-S", "-B", tmp_path], capture_output=True)
    assert (alone.returncode, alone.stderr) == (0, b"")


def _absolute(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""] if node.level == 0 else ["" for _ in range(node.level - 1)]
    return []
